import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Credentials } from '../../../src/lab';
import { peerPath } from '../../support/peers';
import { Child } from './child';
import { freePorts } from './ports';
import type { Place } from './place';
import { isUdpOpen } from './udp';
import { poll } from './waiting';

export interface KamailioOptions {
  /** Who may register; a REGISTER is challenged (RFC 3261 section 22). Anybody may, unthreatened, where left out. */
  readonly users?: readonly Credentials[];
  /** Whether it challenges calls too, with 407. */
  readonly asksCallers?: boolean;
  /** An address of the loopback, where it takes port 5060; any free port of 127.0.0.1 unless given. */
  readonly host?: string;
}

/** A line of what happened at the proxy: `relayed INVITE sip:bob@127.0.0.1:5060`, `registered bob` ... */
const mark = 'lab-proxy: ';

/** Kamailio as a registrar and a proxy that stays in each dialog (Record-Route), and forks to all contacts of a user. */
export class Kamailio {
  /** `127.0.0.1:24560`, or without a port where that is 5060. */
  readonly domain: string;
  readonly #child: Child;

  private constructor(place: Place, domain: string, folder: string) {
    this.domain = domain;
    this.#child = new Child(
      'Kamailio',
      peerPath('kamailio'),
      // In the foreground; with little memory, as one worker needs no more.
      ['-DD', '-E', '-f', path.join(folder, 'kamailio.cfg'), '-Y', folder, '-P', path.join(folder, 'pid'), '-m', '24', '-M', '8'],
      { logFile: path.join(place.folder, 'kamailio.log'), cwd: folder },
    );
  }

  static async start(place: Place, options: KamailioOptions = {}): Promise<Kamailio> {
    const host = options.host ?? '127.0.0.1';
    const port = options.host === undefined ? await freePorts() : 5060;
    const folder = path.join(place.folder, 'kamailio');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'kamailio.cfg'), config(host, port, options));
    const kamailio = place.add(new Kamailio(place, port === 5060 ? host : `${host}:${String(port)}`, folder));
    await poll(() => isUdpOpen(port, host), 10_000, () => `Kamailio listens on port ${String(port)}\n${kamailio.#child.lastWords}`);
    return kamailio;
  }

  /** Its own URI, as an outbound proxy or a registrar. */
  get uri(): string {
    return `sip:${this.domain}`;
  }

  /** The address of record of one of its users. */
  uriOf(user: string): string {
    return `sip:${user}@${this.domain}`;
  }

  /** What it says it did, in order. */
  get deeds(): readonly string[] {
    return this.#child.lines.flatMap((line) => {
      const at = line.indexOf(mark);
      return at === -1 ? [] : [line.slice(at + mark.length)];
    });
  }

  /** Resolves when it has done this. */
  async until(deed: string): Promise<void> {
    await this.#child.until(`it does: ${deed}`, () => this.deeds.includes(deed), 8_000);
  }

  /** Its warnings and errors. */
  get complaints(): readonly string[] {
    return this.#child.lines.filter((line) => /\b(?:WARNING|ERROR|CRITICAL|BUG):/u.test(line));
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }
}

function config(host: string, port: number, { users, asksCallers = false }: KamailioOptions): string {
  const modules = ['tm', 'tmx', 'sl', 'rr', 'maxfwd', 'textops', 'siputils', 'pv', 'xlog', 'usrloc', 'registrar', 'htable', 'auth', 'nathelper', 'xhttp', 'websocket'];
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=1
disable_tcp=no
tcp_children=1
tcp_accept_no_cl=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:${host}:${String(port)}
listen=tcp:${host}:${String(port)}

${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("rr", "enable_full_lr", 1)
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "use_domain", 0)
modparam("registrar", "method_filtering", 0)
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("htable", "htable", "passwords=>size=4;")
modparam("tm", "fr_timer", 10000)
modparam("tm", "fr_inv_timer", 60000)

# RFC 7118: SIP over WebSocket begins with an HTTP request, on the same port as SIP over TCP.
event_route[xhttp:request] {
  if ($hdr(Upgrade) =~ "websocket" && $hdr(Connection) =~ "Upgrade" && $rm =~ "GET") {
    if (ws_handle_handshake()) exit;
  }
  xhttp_reply("404", "Not Found", "", "");
}

event_route[htable:mod-init] {
${(users ?? []).map(({ username, password }) => `  $sht(passwords=>${username}) = "${password}";`).join('\n')}
  return;
}

request_route {
  if (!mf_process_maxfwd_header("10")) {
    sl_send_reply("483", "Too Many Hops");
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) route(RELAY);
    exit;
  }
  if (!is_method("ACK") && t_precheck_trans()) {
    t_check_trans();
    exit;
  }
  t_check_trans();

  # RFC 7118 section 5: the Contact of a WebSocket client names nobody; it is reached by its connection alone.
  if (proto == WS && is_method("INVITE|SUBSCRIBE|UPDATE|NOTIFY")) add_contact_alias();

  if (has_totag()) {
    if (loose_route()) {
      handle_ruri_alias();
      # RFC 3261 16.12.1.1: a request that comes with our Route goes where the rest of its routes leads; RFC 5627 section
      # 5.1: a GRUU, which we gave to a phone that asked for one, leads to that phone.
      if (uri == myself && !lookup("location")) {
        sl_send_reply("404", "Not Found");
        exit;
      }
      route(RELAY);
    } else if (!is_method("ACK")) {
      sl_send_reply("404", "Not In My Routes");
    }
    exit;
  }
  if (is_method("ACK")) exit;
  # A Route that a phone put there because we are its outbound proxy.
  loose_route();
  remove_hf("Route");

  if (is_method("REGISTER")) {
${users === undefined ? '' : '    route(IDENTIFY);'}
    if (proto == WS) fix_nated_register();
    if (!save("location")) sl_reply_error();
    else xlog("L_NOTICE", "${mark}registered $tU\\n");
    exit;
  }
${asksCallers ? '  if (is_method("INVITE")) route(IDENTIFY_CALLER);' : ''}
  if (is_method("INVITE|SUBSCRIBE|REFER")) record_route();

  if (uri == myself) {
    if ($rU == $null) {
      if (is_method("OPTIONS")) sl_send_reply("200", "OK");
      else sl_send_reply("484", "Address Incomplete");
      exit;
    }
    if (!lookup("location")) {
      xlog("L_NOTICE", "${mark}knows no $rU\\n");
      sl_send_reply("404", "Not Found");
      exit;
    }
  } else {
    # The Contact of somebody in another dialog, such as the target of an attended transfer.
    handle_ruri_alias();
  }
  route(RELAY);
}

route[RELAY] {
  t_on_reply("ANSWERED");
  xlog("L_NOTICE", "${mark}relayed $rm $ru\\n");
  if (!t_relay()) sl_reply_error();
  exit;
}

onreply_route[ANSWERED] {
  if (proto == WS) add_contact_alias();
}

route[IDENTIFY] {
  if (!is_present_hf("Authorization") || !pv_www_authenticate("$td", "$sht(passwords=>$au)", "0")) {
    xlog("L_NOTICE", "${mark}challenged $rm of $fU\\n");
    www_challenge("$td", "1");
    exit;
  }
  if ($au != $tU) {
    sl_send_reply("403", "Not Yours");
    exit;
  }
  consume_credentials();
}

route[IDENTIFY_CALLER] {
  if (!is_present_hf("Proxy-Authorization") || !pv_proxy_authenticate("$fd", "$sht(passwords=>$au)", "0")) {
    xlog("L_NOTICE", "${mark}challenged $rm of $fU\\n");
    proxy_challenge("$fd", "1");
    exit;
  }
  consume_credentials();
}
`;
}
