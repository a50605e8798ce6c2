import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCommand, type CommandName, type ElementValues, type FullFrame, type IaxCall } from '../../../../src/iax';
import { IaxRig, type RigEndpoint, type Stranger } from '../../../support/iax-rig';

/** Our caller, and a server whose replies are written by hand. */
class Door {
  readonly rig = new IaxRig();
  readonly alice: RigEndpoint = this.rig.endpoint(1);
  readonly server: Stranger = this.rig.stranger(2);
  readonly call: IaxCall = this.alice.call(this.server);

  constructor() {
    this.rig.run(10);
  }

  /** A reply without a call to `request`, and what it leads to. */
  reply(command: CommandName, request: FullFrame, elements: ElementValues = {}): string[] {
    const before = this.server.frames.length;
    const header = { sourceCall: 1, destinationCall: request.sourceCall, timestamp: request.timestamp, outgoingSequence: 0, incomingSequence: 1 };
    this.server.send(this.alice, buildCommand(header, command, elements));
    this.rig.run(10);
    return this.server.frames.slice(before).map((frame) => `${frame.title} ${Buffer.from(frame.element('callToken') ?? []).toString()}`);
  }

  close(): void {
    assert.equal(this.rig.close(), 0);
  }
}

const token = (text: string): ElementValues => ({ callToken: Buffer.from(text) });

describe('the first request of a leg (4.3)', () => {
  it('says by an empty token that it knows of tokens, and goes out again with the one that it gets, with no number of the peer', () => {
    const door = new Door();
    const [first] = door.server.frames;
    assert.deepEqual([first!.element('callToken')?.length, first!.elements.at(-1)?.name], [0, 'callToken']);
    assert.deepEqual(door.reply('CALLTOKEN', first!, token('one')), ['NEW one']);
    const { sourceCall, destinationCall, outgoingSequence, incomingSequence, isRetransmission } = door.server.last;
    assert.deepEqual([sourceCall, destinationCall, outgoingSequence, incomingSequence, isRetransmission], [first!.sourceCall, 0, 0, 0, false]);
    door.close();
  });

  it('is not sent anew for the repeat of a reply that has had its effect', () => {
    const door = new Door();
    const [first] = door.server.frames;
    door.reply('CALLTOKEN', first!, token('one'));
    assert.deepEqual(door.reply('CALLTOKEN', first!, token('one')), []);
    assert.deepEqual(door.reply('REJECT', first!), []);
    assert.equal(door.call.state, 'calling');
    door.reply('REJECT', first!, { causeCode: 3 });
    assert.equal(door.call.cause?.code, 3);
    door.close();
  });

  it('asks for another token when its own was refused without a word, four times in all', () => {
    const door = new Door();
    assert.deepEqual(door.reply('CALLTOKEN', door.server.last, token('one')), ['NEW one']);
    assert.deepEqual(door.reply('REJECT', door.server.last), ['NEW ']);
    assert.deepEqual(door.reply('CALLTOKEN', door.server.last, token('two')), ['NEW two']);
    assert.deepEqual(door.reply('REJECT', door.server.last), []);
    assert.deepEqual([door.call.state, door.call.cause?.code], ['ended', 21]);
    door.close();
  });

  it('is over with the cause that a refusal gives', () => {
    const door = new Door();
    door.reply('REJECT', door.server.last, { cause: 'Full', causeCode: 42 });
    assert.deepEqual([door.call.state, door.call.cause], ['ended', { code: 42, text: 'Full' }]);
    door.close();
  });

  it('is acknowledged by nobody with call 1: its frames are never answered by ACK', () => {
    const door = new Door();
    door.reply('CALLTOKEN', door.server.last, token('one'));
    door.reply('REJECT', door.server.last, { causeCode: 3 });
    assert.ok(!door.server.frames.some(({ title }) => title === 'ACK'));
    door.close();
  });
});
