import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { errorCatalogue } from '../../../src/core';
import { verbNames } from '../../../src/lab';
import { conditionWords, parseScenario } from '../../../src/scenario';
import { dedent } from './scenarios';

const root = path.resolve(__dirname, '../../..');
const schema = JSON.parse(readFileSync(path.join(root, 'schemas/calllab.schema.json'), 'utf8'));
const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false, keywords: ['defaultSnippets'], allowUnionTypes: true }).compile(schema);

/** What the two readers of scenario files say of a text: the editor's by its schema, and ours. */
function judge(text: string): { readonly schema: boolean; readonly parser: boolean } {
  return { schema: validate(parse(text)), parser: parseScenario(text, 'x.calllab.yaml').problems.length === 0 };
}

describe('the schema that editors use', () => {
  it('accepts every example, as the parser does', () => {
    for (const folder of ['examples', 'examples/transfers', 'examples/iax'].map((part) => path.join(root, part)))
    {for (const file of readdirSync(folder).filter((name) => name.endsWith('.calllab.yaml'))) {
      assert.deepEqual(judge(readFileSync(path.join(folder, file), 'utf8')), { schema: true, parser: true }, `${file}: ${JSON.stringify(validate.errors)}`);
    }}
  });

  const good = [
    'phones: { alice: }',
    'servers:\nphones: { alice: }',
    'servers: { p: }\nphones: { alice: { register: p, outbound-proxy: p } }\nsteps: [ alice register, alice unregister, { wait: [alice registered, alice unregistered] } ]',
    'servers: { p: { kind: proxy, host: 127.0.0.1, port: 5060, domain: x.test, record-route: false, fork: serial, ring-for: 5s, registrar: } }\nphones: { alice: }',
    'servers: { p: { registrar: { realm: r, users: { a: b }, algorithm: MD5, min-expires: 5, max-expires: 60, challenge-calls: true } } }\nphones: { alice: }',
    'phones: { alice: { register: { registrar: "sip:127.0.0.1", domain: x.test, username: a, password: b, expires: 60 }, outbound-proxy: "sip:127.0.0.1" } }',
    'phones: { alice: { laws: [pcma], hold-tone: false, ring-limit: 1.5s, port: 5060, credentials: { username: a, password: b } } }',
    'phones: { alice: , bob: { redirects: [alice] } }\nsteps:\n',
    'phones: { alice: { requires: { users: { bob: secret } } } }\nexpect: { transfers: [], messages: { INVITE: 0, 200 BYE: at most 2 } }',
    'phones: { alice: { reliable: required, early-media: true, dtmf: info, connected-identity: true } }',
    'phones: { alice: { session-timer: { expires: 30min, min: 90s, refresher: uas, method: invite } } }',
    'phones: { alice: }\nexpect: { lints: [] }',
    'phones: { alice: { protocol: iax2, refer: ask, transfer: { media: true, attempts: 5 } }, bob: { protocol: sip } }',
    'servers: { pbx: { kind: iax2, port: 4569, ring-for: 10s, max-calls: 2, transfer: native, extensions: { 101: alice, "*98": "iax2:127.0.0.1/5" }, registrar: { users: { a: b, old: { password: c, token: optional } } } } }\nphones: { alice: { protocol: iax2, register: pbx } }\nsteps: [ alice place 101, alice place old ]',
    'phones: { alice: { protocol: iax2, register: "iax2:127.0.0.1" } }\nsteps: [ alice place 600, { wait: alice ended with 600 17 } ]',
    'servers: { pbx: { kind: iax2, extensions: } }\nphones: { alice: }',
    'phones: { alice: { defects: [T3, T20] }, bob: { defects: T8 } }',
    'phones: { alice: }\nexpect: { lints: [T3, T20] }',
    'phones: { alice: }\nexpect: { hears: { alice: nobody }, calls: { alice: idle } }',
    'phones: { alice: }\nsteps:\n  - wait: [alice idle, transfer pending]\n    within: 2min\n  - expect-failure: alice hold\n    code: CL3002',
  ];
  for (const text of good) {
    it(`accepts, as the parser does: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(judge(text), { schema: true, parser: true }, JSON.stringify(validate.errors));
    });
  }

  const bad = [
    '',
    'servers: { p: { kind: pbx } }\nphones: { alice: }',
    'servers: { p: { kind: iax2, transfer: always } }\nphones: { alice: }',
    'servers: { p: { kind: iax2, extensions: { "1 2": alice } } }\nphones: { alice: }',
    'servers: { p: { registrar: { users: { a: { token: optional } } } } }\nphones: { alice: }',
    'servers: { p: { registrar: { users: { a: { password: b, token: never } } } } }\nphones: { alice: }',
    'phones: { alice: { protocol: h323 } }',
    'phones: { alice: { transfer: { attempts: 0 } } }',
    'servers: { p: { fork: both } }\nphones: { alice: }',
    'servers: { "a b": }\nphones: { alice: }',
    'servers: { p: { registrar: { min-expires: 0 } } }\nphones: { alice: }',
    'servers: { p: { registrar: { users: alice } } }\nphones: { alice: }',
    'servers: { p: { ring-for: 5 } }\nphones: { alice: }',
    'phones: { alice: { register: { username: a } } }',
    'phones: { alice: { register: { registrar: "sip:x", expires: 0 } } }',
    '[]',
    'name: Nobody',
    'phones: { }',
    'phones: { transfer: }',
    'phones: { "a b": }',
    'phones: { alice: }\nfoo: 1',
    'phones: { alice: 7 }',
    'phones: { alice: { answers: soon } }',
    'phones: { alice: { answers: after 200 } }',
    'phones: { alice: { busy: true, declines: true } }',
    'phones: { alice: { port: 65536 } }',
    'phones: { alice: { port: -1 } }',
    'phones: { alice: { transport: sctp } }',
    'phones: { alice: { laws: [g729] } }',
    'phones: { alice: { hold-style: recvonly } }',
    'phones: { alice: { hold-tone: maybe } }',
    'phones: { alice: { credentials: { username: alice } } }',
    'phones: { alice: { requires: { realm: x } } }',
    'phones: { alice: { requires: { users: { bob: x }, algorithm: SHA-1 } } }',
    'phones: { alice: { ring-limit: 5 } }',
    'phones: { alice: { reliable: maybe } }',
    'phones: { alice: { early-media: 1 } }',
    'phones: { alice: { dtmf: sound } }',
    'phones: { alice: { session-timer: 90s } }',
    'phones: { alice: { session-timer: { expires: 90 } } }',
    'phones: { alice: { session-timer: { refresher: bob } } }',
    'phones: { alice: }\nsteps: alice hold',
    'phones: { alice: }\nsteps: [ alice ]',
    'phones: { alice: }\nsteps: [ alice hodl ]',
    'phones: { alice: }\nsteps: [ { wait: alice fine } ]',
    'phones: { alice: }\nsteps: [ { wait: [] } ]',
    'phones: { alice: }\nsteps: [ { wait: alice idle, within: 5 } ]',
    'phones: { alice: }\nsteps: [ { wait: alice idle, code: CL3001 } ]',
    'phones: { alice: }\nsteps: [ { wait: transfer done } ]',
    'phones: { alice: }\nsteps: [ { together: alice hold } ]',
    'phones: { alice: }\nsteps: [ { sleep: 5s } ]',
    'phones: { alice: }\nsteps: [ { expect-failure: alice hold, code: X1 } ]',
    'phones: { alice: }\nexpect: { sees: {} }',
    'phones: { alice: }\nexpect: { lints: [T21] }',
    'phones: { alice: { defects: [T21] } }',
    'phones: { alice: }\nexpect: { lints: T3 }',
    'phones: { alice: }\nexpect: { calls: { alice: fine } }',
    'phones: { alice: }\nexpect: { transfers: blind }',
    'phones: { alice: }\nexpect: { transfers: [ { kind: slow } ] }',
    'phones: { alice: }\nexpect: { transfers: [ { verdict: good } ] }',
    'phones: { alice: }\nexpect: { messages: { invite: 1 } }',
    'phones: { alice: }\nexpect: { messages: { INVITE: few } }',
  ];
  for (const text of bad) {
    it(`refuses, as the parser does: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(judge(text), { schema: false, parser: false });
    });
  }

  it('knows the verbs, the words of the waits, and no code that there is not', () => {
    for (const verb of verbNames) assert.equal(validate(parse(`phones: { alice: }\nsteps: [ "alice ${verb} x" ]`)), true, verb);
    for (const word of conditionWords) {
      const rest = ['idle', 'registered', 'unregistered'].includes(word) ? '' : word === 'got' ? ' 1' : word === 'asked' ? ' by bob' : word === 'sees' ? ' bob idle' : ' bob';
      assert.equal(validate(parse(`phones: { alice: }\nsteps: [ { wait: "alice ${word}${rest}" } ]`)), true, word);
    }
    for (const code of schema.definitions.step.anyOf[3].properties.code.examples) assert(code in errorCatalogue);
  });

  it('gives examples that are right by its own patterns', () => {
    for (const name of ['verb', 'condition', 'duration']) {
      const { pattern, examples } = schema.definitions[name];
      for (const example of examples) assert.match(example, new RegExp(pattern, 'u'), name);
    }
    const text = dedent(`
      phones: { alice: , bob: , charlie: }
      steps: ${JSON.stringify([...schema.definitions.verb.examples, ...schema.definitions.condition.examples.map((wait: string) => ({ wait }))])}
    `);
    assert.deepEqual(parseScenario(text, 'x').problems, []);
  });
});
