import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom } from '../../../../src/core';
import { Registration, registrationBackOff, type RegistrationOptions, type SipRequest } from '../../../../src/sip';
import type { ScriptedPeer } from '../../../support/scripted-peer';
import { AgentRig, type RigAgent } from '../../../support/sip-agents';

interface Stage {
  readonly rig: AgentRig;
  readonly alice: RigAgent;
  readonly registrar: ScriptedPeer;
  readonly registration: Registration;
  readonly states: string[];
}

const credentials = { username: 'alice', password: 'secret' };

function stage(options: Partial<RegistrationOptions> = {}): Stage {
  const rig = new AgentRig();
  const alice = rig.add('alice', { credentials });
  const registrar = rig.addPeer('registrar');
  const states: string[] = [];
  const registration = new Registration(
    {
      registrar: 'sip:127.0.0.1:5062',
      addressOfRecord: 'sip:alice@lab.test',
      contacts: () => [{ uri: alice.uri }],
      expires: 3_600,
      routes: [],
      onChange: () => {
        if (states.at(-1) !== registration.state) states.push(registration.state);
      },
      ...options,
    },
    alice.agent.services,
  );
  return { rig, alice, registrar, registration, states };
}

/** A registrar that accepts what it is asked. */
function accepts(registrar: ScriptedPeer, headers: readonly (readonly [string, string])[] = []): void {
  registrar.onMessage = (message) => {
    if (message.kind !== 'request') return;
    const contacts = message.headerValues('Contact').filter((value) => !value.endsWith(';expires=0'));
    registrar.respond(message, 200, { headers: [...contacts.map((value) => ['Contact', value] as const), ...headers] });
  };
}

describe('a registration', () => {
  it('asks for its contact at the registrar, and holds it for as long as it is granted', () => {
    const { rig, alice, registrar, registration, states } = stage();
    accepts(registrar);
    rig.run(50, () => registration.register());
    const request = registrar.last('REGISTER');
    assert.equal(request.requestUri, 'sip:127.0.0.1:5062');
    assert.equal(request.to.uriText, 'sip:alice@lab.test');
    assert.equal(request.from.uriText, 'sip:alice@lab.test');
    assert.equal(request.header('Contact'), `<${alice.uri}>;expires=3600`);
    assert.deepEqual(request.supported, ['path']);
    assert.deepEqual(states, ['registering', 'registered']);
    assert.equal(registration.isRegistered, true);
    assert.equal(Math.round((registration.expiresAt ?? 0) / 1_000), 3_600);
  });

  it('refreshes before the end, with the same Call-ID and the next number', () => {
    const { rig, registrar, registration } = stage({ expires: 300 });
    accepts(registrar);
    rig.run(50, () => registration.register());
    const first = registrar.last('REGISTER');
    rig.run(255_000);
    assert.equal(registrar.count('REGISTER'), 1);
    rig.run(10_000);
    const second = registrar.last('REGISTER');
    assert.equal(second.callId, first.callId);
    assert.equal(second.fromTag, first.fromTag);
    assert.equal(second.cseq.sequence, first.cseq.sequence + 1);
    assert.equal(registration.state, 'registered');
  });

  it('goes by the time the registrar grants its own contact, not by that of another device', () => {
    const { rig, alice, registrar, registration } = stage();
    registrar.onMessage = (message) => {
      if (message.kind !== 'request') return;
      const headers = [['Contact', '<sip:other@127.0.0.1:9>;expires=10'], ['Contact', `<${alice.uri}>;expires=120`]] as const;
      registrar.respond(message, 200, { headers });
    };
    rig.run(50, () => registration.register());
    assert.equal(Math.round((registration.expiresAt ?? 0) / 1_000), 120);
    assert.equal(registration.bindings, 2);
  });

  it('answers a challenge, and a stale one once more, and stops at a refused password', () => {
    const { rig, registrar, registration } = stage();
    const challenge = (nonce: string, stale = ''): readonly (readonly [string, string])[] => [
      ['WWW-Authenticate', `Digest realm="lab", nonce="${nonce}"${stale}, algorithm=SHA-256, qop="auth"`],
    ];
    let round = 0;
    registrar.onMessage = (message) => {
      if (message.kind !== 'request') return;
      round += 1;
      if (round === 1) registrar.respond(message, 401, { headers: challenge('one') });
      else if (round === 2) registrar.respond(message, 401, { headers: challenge('two', ', stale=true') });
      else if (round === 3) registrar.respond(message, 200, { headers: [['Contact', message.header('Contact') ?? '']] });
      else registrar.respond(message, 401, { headers: challenge('four') });
    };
    rig.run(50, () => registration.register());
    assert.equal(registration.state, 'registered');
    const sent = registrar.received.filter((message): message is SipRequest => message.kind === 'request');
    assert.deepEqual(sent.map((message) => message.cseq.sequence), [1, 2, 3]);
    assert.match(sent[1]?.header('Authorization') ?? '', /nonce="one".*algorithm=SHA-256/u);
    assert.match(sent[2]?.header('Authorization') ?? '', /nonce="two"/u);
    rig.run(3_600_000);
    assert.equal(registration.state, 'failed');
    assert.equal(registrar.count('REGISTER'), 5, 'the password was tried once more with the new nonce, and then no more');
    assert.equal(registration.retriesAt, undefined, 'a refused password is not tried again');
  });

  it('lengthens its wish to what a 423 names, and gives up on one that names less', () => {
    const { rig, registrar, registration } = stage({ expires: 60 });
    registrar.onMessage = (message) => {
      if (message.kind !== 'request') return;
      const isShort = message.header('Contact')?.endsWith('expires=60') === true;
      if (isShort) registrar.respond(message, 423, { headers: [['Min-Expires', '1800']] });
      else registrar.respond(message, 200, { headers: [['Contact', message.header('Contact') ?? '']] });
    };
    rig.run(50, () => registration.register());
    assert.equal(registration.state, 'registered');
    assert.match(registrar.last('REGISTER').header('Contact') ?? '', /expires=1800$/u);
    registrar.onMessage = (message) => {
      if (message.kind === 'request') registrar.respond(message, 423, { headers: [['Min-Expires', '5']] });
    };
    rig.run(50, () => registration.register());
    assert.equal(registration.state, 'failed');
  });

  it('comes back with a growing pause when nobody answers, and sooner is not asked for by Retry-After', () => {
    const { rig, registrar, registration, states } = stage();
    rig.run(33_000, () => registration.register());
    assert.equal(registration.state, 'failed');
    assert.equal(registration.problem, 'the registrar did not answer');
    const pause = (registration.retriesAt ?? 0) - rig.clock.now();
    assert.ok(pause > 25_000 && pause <= 60_000, `a pause of ${String(pause)} ms`);
    registrar.onMessage = (message) => {
      if (message.kind === 'request') registrar.respond(message, 503, { headers: [['Retry-After', '600']] });
    };
    rig.run(61_000);
    assert.equal(registration.state, 'failed');
    assert.ok((registration.retriesAt ?? 0) - rig.clock.now() > 500_000);
    accepts(registrar);
    rig.run(600_000);
    assert.equal(registration.state, 'registered');
    assert.deepEqual(states.slice(-2), ['registering', 'registered']);
  });

  it('does not try again what no time can mend', () => {
    const { rig, registrar, registration } = stage();
    registrar.onMessage = (message) => {
      if (message.kind === 'request') registrar.respond(message, 403, { headers: [] });
    };
    rig.run(3_600_000, () => registration.register());
    assert.equal(registrar.count('REGISTER'), 1);
    assert.equal(registration.problem, '403 Forbidden');
  });

  it('releases what it registered, and nothing is left', () => {
    const { rig, alice, registrar, registration } = stage();
    accepts(registrar);
    rig.run(50, () => registration.register());
    rig.run(50, () => registration.unregister());
    assert.equal(registrar.last('REGISTER').header('Contact'), `<${alice.uri}>;expires=0`);
    assert.equal(registration.state, 'unregistered');
    assert.equal(registration.hasBindings, false);
    rig.run(70_000);
    assert.equal(rig.clock.pendingTimers, 0);
  });

  it('waits for the answer under way before it releases', () => {
    const { rig, registrar, registration, states } = stage();
    rig.run(10, () => {
      registration.register();
      registration.unregister();
    });
    assert.equal(registrar.count('REGISTER'), 1);
    accepts(registrar);
    rig.run(5_000);
    assert.deepEqual(states, ['registering', 'releasing', 'unregistered'], 'never registered in between');
    assert.equal(registrar.last('REGISTER').header('Contact')?.endsWith(';expires=0'), true);
  });

  it('takes back at once what it names no longer', () => {
    let contacts = [{ uri: 'sip:alice@127.0.0.1:1' }, { uri: 'sip:alice@127.0.0.1:2', q: 0.5 }];
    const { rig, registrar, registration } = stage({ contacts: () => contacts });
    accepts(registrar);
    rig.run(50, () => registration.register());
    assert.deepEqual(registrar.last('REGISTER').headerValues('Contact'), [
      '<sip:alice@127.0.0.1:1>;expires=3600',
      '<sip:alice@127.0.0.1:2>;q=0.5;expires=3600',
    ]);
    contacts = contacts.slice(0, 1);
    rig.run(50, () => registration.register());
    assert.deepEqual(registrar.last('REGISTER').headerValues('Contact'), [
      '<sip:alice@127.0.0.1:1>;expires=3600',
      '<sip:alice@127.0.0.1:2>;expires=0',
    ]);
  });

  it('goes through its outbound proxy, and keeps the Service-Route for what follows', () => {
    const { rig, registrar, registration } = stage({ registrar: 'sip:lab.test', routes: ['<sip:127.0.0.1:5062;lr>'] });
    accepts(registrar, [['Service-Route', '<sip:home@127.0.0.1:5070;lr>, <sip:edge@127.0.0.1:5071;lr>']]);
    rig.run(50, () => registration.register());
    const request = registrar.last('REGISTER');
    assert.equal(request.requestUri, 'sip:lab.test');
    assert.equal(request.header('Route'), '<sip:127.0.0.1:5062;lr>');
    assert.deepEqual(registration.routes, [
      '<sip:127.0.0.1:5062;lr>',
      '<sip:home@127.0.0.1:5070;lr>',
      '<sip:edge@127.0.0.1:5071;lr>',
    ]);
    rig.run(50, () => registration.unregister());
    assert.deepEqual(registration.routes, ['<sip:127.0.0.1:5062;lr>']);
  });

  it('learns from rport and received how it is seen', () => {
    const { rig, registrar, registration } = stage();
    registrar.onMessage = (message) => {
      if (message.kind !== 'request') return;
      registrar.respond(message, 200, { headers: [] });
    };
    rig.run(50, () => registration.register());
    assert.deepEqual(registration.seenAt, { host: '127.0.0.1', port: 5061 });
  });

  it('survives an answer whose Contact and Service-Route cannot be read', () => {
    const { rig, registrar, registration } = stage();
    registrar.onMessage = (message) => {
      if (message.kind === 'request') registrar.respond(message, 200, { headers: [['Service-Route', '<<<']] });
    };
    rig.run(50, () => registration.register());
    assert.equal(registration.state, 'registered');
    assert.deepEqual(registration.routes, []);
  });

  it('fails with a reason when the registrar cannot be written to', () => {
    const { rig, registration } = stage({ registrar: 'tel:123' });
    rig.run(50, () => registration.register());
    assert.equal(registration.state, 'failed');
    assert.equal(rig.clock.pendingTimers, 0);
  });
});

describe('the pause before the next try', () => {
  it('doubles up to half an hour, and is drawn from its upper half', () => {
    const random = new SeededRandom(1);
    for (const [failures, upper] of [[1, 60_000], [2, 120_000], [5, 960_000], [6, 1_800_000], [60, 1_800_000]] as const) {
      for (let round = 0; round < 20; round += 1) {
        const pause = registrationBackOff(failures, random);
        assert.ok(pause >= upper / 2 && pause <= upper, `${String(failures)}: ${String(pause)}`);
      }
    }
  });
});
