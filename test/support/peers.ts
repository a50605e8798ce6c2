/**
 * How tests say that they need a program of others (scripts/lib/peers.mjs lists them all):
 *
 * ```ts
 * test('SIPp calls bob', requirePeer('sipp'), async () => { ... spawn(peerPath('sipp'), ...) ... });
 * ```
 *
 * On a laptop that lacks the program the test is skipped, and the report names the program. With CI=true it fails
 * instead: there a test that silently did not run would be a lie.
 */
import { findChromium } from '../../scripts/lib/chromium.mjs';
import { type PeerName, peers } from '../../scripts/lib/peers.mjs';
import { findCommand } from '../../scripts/lib/processes.mjs';

/** Options for `test`, `it` or `describe`: skip with a reason while one of `names` is missing. */
export function requirePeer(...names: readonly PeerName[]): { readonly skip: string | false } {
  const missing = names.filter((name) => find(name) === undefined);
  if (missing.length === 0) return { skip: false };
  const reason = `missing: ${missing.map((name) => `${name} (Debian package ${peers[name].package})`).join(', ')}`;
  if (process.env['CI'] === 'true') throw new Error(`${reason}; with CI=true every peer must be there.`);
  return { skip: reason };
}

/** The program's path; throws when it is missing. */
export function peerPath(name: PeerName): string {
  const file = find(name);
  if (file === undefined) throw new Error(`${name} is not installed (Debian package ${peers[name].package}).`);
  return file;
}

function find(name: PeerName): string | undefined {
  return name === 'chromium' ? findChromium() : findCommand(name);
}
