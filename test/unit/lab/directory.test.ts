import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallLabError } from '../../../src/core';
import { Directory } from '../../../src/lab/directory';

function directory(allowBeyondLoopback = false): Directory {
  const made = new Directory(allowBeyondLoopback);
  made.add('alice', new Map([['udp', { host: '127.0.0.1', port: 5070 }], ['tcp', { host: '127.0.0.1', port: 5070 }], ['tls', { host: '127.0.0.1', port: 5071 }]]), 'sip:alice@127.0.0.1:5070');
  made.add('bob', new Map([['udp', { host: '::1', port: 5071 }]]), 'sip:bob@[::1]:5071');
  return made;
}

function code(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof CallLabError ? error.code : String(error);
  }
  return 'none';
}

describe('the directory', () => {
  it('turns a name into the URI of the phone, for the transport of the caller', () => {
    assert.equal(directory().resolve('alice', 'udp').toString(), 'sip:alice@127.0.0.1:5070');
    assert.equal(directory().resolve('alice', 'tcp').toString(), 'sip:alice@127.0.0.1:5070;transport=tcp');
    assert.equal(directory().resolve('alice', 'tls').toString(), 'sip:alice@127.0.0.1:5071;transport=tls');
    assert.equal(code(() => directory().resolve('alice', 'ws')), 'CL2002', 'she does not listen there');
  });

  it('takes the name of a WebSocket client, which leads to the connection it made and nowhere else', () => {
    assert.equal(directory().resolve('sip:web@abc.invalid;transport=ws', 'udp').host, 'abc.invalid');
    assert.equal(code(() => directory().resolve('sip:web@abc.invalid', 'udp')), 'CL1002');
  });

  it('knows a phone by each of its addresses', () => {
    assert.equal(directory().nameAt({ host: '127.0.0.1', port: 5071 }), 'alice');
    assert.equal(directory().nameOf('sip:x@[::1]:5071;transport=tls'), 'bob');
  });

  it('takes a SIP URI on loopback as it is', () => {
    for (const uri of ['sip:echo@127.0.0.2', 'sip:echo@localhost:5080', 'sip:[::1]:5090', 'sip:x@127.255.0.1;transport=tcp']) {
      assert.equal(directory().resolve(uri, 'udp').toString(), uri);
    }
  });

  it('refuses the rest, and lets a user who opted in beyond loopback', () => {
    assert.equal(code(() => directory().resolve('zoe', 'udp')), 'CL2002');
    assert.equal(code(() => directory().resolve('tel:123', 'udp')), 'CL2002');
    assert.equal(code(() => directory().resolve('sip:x@192.0.2.1', 'udp')), 'CL1002');
    assert.equal(code(() => directory().resolve('sip:x@127.0.0.1;maddr=192.0.2.1', 'udp')), 'CL1002');
    assert.equal(code(() => directory(true).resolve('sip:x@192.0.2.1', 'udp')), 'none');
    assert.equal(code(() => directory(true).resolve('sips:x@127.0.0.1', 'udp')), 'CL2002');
  });

  it('names a phone by its address, others by their user part, else by their address', () => {
    assert.equal(directory().nameOf('sip:whoever@127.0.0.1:5070'), 'alice');
    assert.equal(directory().nameOf('sip:whoever@localhost:5070'), 'alice');
    assert.equal(directory().nameOf('sip:x@[::1]:5071;transport=tcp'), 'bob');
    assert.equal(directory().nameOf('sip:echo@127.0.0.2'), 'echo');
    assert.equal(directory().nameOf('sip:127.0.0.2'), '127.0.0.2:5060');
    assert.equal(directory().nameOf('no uri'), 'no uri');
  });
});
