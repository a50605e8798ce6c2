import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CryptoRandom, randomInteger, SeededRandom } from '../../../src/core';
import { type JournalEntry, TraceModel, type TracePacket, type Transfer } from '../../../src/trace';
import { heapUsed } from '../../support/heap';
import { longTrace } from '../../support/long-trace';
import { Traffic } from '../../support/panel/traffic';
import { Secretary } from './iax/frame-script';
import { attendedTransfer, blindTransfer, failedBlindTransfer } from './transfers';

/** What a model says of a trace, as it is said. */
class Witness {
  readonly model = new TraceModel();
  readonly transfers = new Map<string, string>();
  readonly lints: string[] = [];
  readonly notes: string[] = [];

  constructor() {
    this.model.on('transfer', (transfer) => this.transfers.set(transfer.id, tell(transfer)));
    this.model.on('lint', ({ id, message, text, related }) => this.lints.push(`${id} ${message.id} ${text} ${related.map((one) => one.id).join()}`));
    this.model.on('note', ({ kind, message, call, by }) => this.notes.push(`${kind} ${message.id} ${call.id} ${by?.name ?? ''}`));
  }
}

function tell({ id, kind, verdict, reason, decidedBy, transferor, transferee, target, survivingCall, messages }: Transfer): string {
  return [id, kind, verdict, reason, decidedBy, transferor.name, transferee.name, target.name, survivingCall?.id, messages.join()].join(' | ');
}

/** What each message of the end of a trace is known to belong to. */
function placesOf(model: TraceModel, from: number): readonly string[] {
  return model.messages
    .filter(({ index }) => index >= from)
    .map(({ id, dialog, call, leg, transaction, transfers, retransmissionOf, answers }) =>
      [id, dialog?.id, call?.id, leg?.id, transaction?.id, transfers.map((one) => one.id).join(), retransmissionOf?.id, answers?.id].join(' '),
    );
}

describe('a model that forgets', () => {
  it('judges what comes later as one that does not', async () => {
    const seed = Number(process.env['SEED'] ?? randomInteger(new CryptoRandom(), 2 ** 30));
    const entries = await longTrace(seed, 12);
    const random = new SeededRandom(seed);
    const whole = new Witness();
    const forgetful = new Witness();
    for (const entry of entries) {
      whole.model.feed(entry);
      forgetful.model.feed(entry);
      const { messages, endIndex } = forgetful.model;
      if (messages.length > 40 && random.fraction() < 0.1) forgetful.model.forget(endIndex - Math.floor(random.fraction() * 40));
    }
    const said = `seed ${seed}`;
    const { model } = forgetful;
    assert.ok(model.firstIndex > 100, said);
    assert.deepEqual(forgetful.lints, whole.lints, said);
    assert.deepEqual(forgetful.notes, whole.notes, said);
    assert.deepEqual([...forgetful.transfers.values()], [...whole.transfers.values()], said);
    assert.deepEqual(placesOf(model, model.firstIndex), placesOf(whole.model, model.firstIndex), said);
    assert.equal(model.message(`m${model.endIndex}`), model.messages.at(-1));
    assert.equal(model.message('m1'), undefined);
    for (const transfer of model.transfers) assert.equal(model.transfer(transfer.id), transfer);
  });

  const scripts: Readonly<Record<string, readonly TracePacket[]>> = {
    'a blind transfer': blindTransfer().packets,
    'a blind transfer that fails': failedBlindTransfer(486, 'Busy Here').packets,
    'an attended transfer': attendedTransfer().packets,
    'one with a wrong Replaces': attendedTransfer(({ callId }) => `${callId};to-tag=b-d2;from-tag=c-d2`).packets,
    'a native transfer of IAX2': new Secretary().request().probe().ready().resume().release().talk().script.packets,
    'a native transfer with the hold forgotten': new Secretary().request().probe().ready().release().script.packets,
  };
  for (const [name, packets] of Object.entries(scripts)) {
    for (const pause of [0, 100_000, 3_600_000]) {
      it(`judges ${name} as one that does not, wherever it is cut, after a pause of ${pause / 1_000} s`, () => {
        packets.forEach((packet, cut) => {
          const whole = new Witness();
          const forgetful = new Witness();
          for (const { model } of [whole, forgetful]) {
            for (const one of packets.slice(0, cut)) model.feedPacket(one);
            model.advance(packet.at + pause);
            if (model === forgetful.model) model.forget(model.endIndex);
            for (const one of packets.slice(cut)) model.feedPacket({ ...one, at: one.at + pause });
            model.finish();
          }
          const said = `cut before packet ${cut}`;
          if (cut > 0) assert.ok(forgetful.model.firstIndex > 0, said);
          // What comes an hour after its request is no answer any more.
          const sentences = ({ transfers }: Witness): readonly string[] => [...transfers.values()].map((text) => (pause === 0 ? text : text.slice(0, text.lastIndexOf('|'))));
          assert.deepEqual(sentences(forgetful), sentences(whole), said);
          assert.deepEqual(forgetful.lints, whole.lints, said);
          assert.deepEqual(forgetful.notes, whole.notes, said);
        });
      });
    }
  }

  it('costs no more memory after a hundred thousand messages than after twenty thousand', () => {
    const traffic = new Traffic();
    const { model } = traffic;
    const until = (count: number): number => {
      while (traffic.count < count) {
        traffic.feed(250);
        model.forget(model.endIndex - 1_000);
      }
      return heapUsed();
    };
    const before = until(20_000);
    const grown = until(100_000) - before;
    assert.ok(grown < 1_500_000, `${grown} octets more`);
    assert.equal(model.messages.length, 1_000);
  });

  it('keeps what is alive, and lets go of the rest', async () => {
    const entries = await longTrace(1, 5);
    const sizes = sizesAfter(entries, 100);
    const twice = sizesAfter(await longTrace(1, 10), 100);
    for (const [what, size] of Object.entries(twice)) {
      assert.ok(size <= 3 * (sizes[what] ?? 0) + 60, `${what}: ${sizes[what] ?? 0}, of twice as much ${size}`);
    }
  });
});

function sizesAfter(entries: readonly JournalEntry[], keep: number): Record<string, number> {
  const model = new TraceModel();
  for (const entry of entries) {
    model.feed(entry);
    if (model.messages.length >= 1.25 * keep) model.forget(model.endIndex - keep);
  }
  const last = entries.at(-1);
  model.advance((last?.at ?? 0) + 48 * 3_600_000);
  model.forget(model.endIndex - keep);
  const { messages, transactions, dialogs, calls, legs, subscriptions, transfers, notes, lints, timeouts, problems } = model;
  return Object.fromEntries(
    Object.entries({ messages, transactions, dialogs, calls, legs, subscriptions, transfers, notes, lints, timeouts, problems, streams: model.hearing.streams }).map(([what, list]) => [what, list.length]),
  );
}
