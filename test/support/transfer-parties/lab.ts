import { CryptoRandom, RealClock } from '../../../src/core';
import { Lab, type PhoneOptions, type Verb } from '../../../src/lab';
import { RealNetwork } from '../../../src/net';
import type { JournalEntry } from '../../../src/trace';
import { measureTransfers, TransferMeter } from './report';

/* Trios of phones of one lab, its journal on, that transfer attended again and again: node lab.cjs TRIOS SECONDS */

/** As a long-running lab keeps it. */
const entryLimit = 100_000;

/** A lab has tones for 24 phones. */
const triosPerLab = 8;

const answering = { kind: 'answer', after: 0 } as const;

async function main(trios: number, seconds: number): Promise<void> {
  const meter = new TransferMeter();
  const labs = await Promise.all(Array.from({ length: Math.ceil(trios / triosPerLab) }, () => startLab(Math.min(trios, triosPerLab), meter)));
  await measureTransfers(trios, seconds, meter, (trio) => transfer(labs[Math.floor(trio / triosPerLab)]!, trio % triosPerLab));
  for (const lab of labs) {
    const leaks = await lab.stop();
    if (leaks.calls + leaks.sockets + leaks.timers > 0) throw new Error(JSON.stringify(leaks));
  }
  process.exit();
}

async function startLab(trios: number, meter: TransferMeter): Promise<Lab> {
  const lab = new Lab({
    network: new RealNetwork(),
    clock: new RealClock(),
    random: new CryptoRandom(),
    startedAt: new Date(),
    entryLimit,
    phones: Array.from({ length: trios }, (_, trio): PhoneOptions[] => [
      { name: `alice${trio}`, behaviour: answering },
      { name: `bob${trio}` },
      { name: `charlie${trio}`, behaviour: answering },
    ]).flat(),
  });
  await lab.start();
  const referred = new Map<string, number>();
  lab.journal.on('entry', (entry) => watch(entry, meter, referred));
  return lab;
}

async function transfer(lab: Lab, trio: number): Promise<void> {
  const [alice, bob, charlie] = [`alice${trio}`, `bob${trio}`, `charlie${trio}`] as const;
  const perform = async (verb: Verb): Promise<void> => {
    const { ok, text } = await lab.perform(verb);
    if (!ok) throw new Error(text);
  };
  await perform({ verb: 'place', phone: bob, target: alice });
  await lab.until(() => lab.candidates('transfer', bob).length > 0);
  await perform({ verb: 'attended-transfer', phone: bob, call: alice, target: charlie });
  await perform({ verb: 'hangup', phone: alice, call: charlie });
  await lab.until(() => !lab.can('hangup', bob) && !lab.can('hangup', charlie));
}

function watch(entry: JournalEntry, meter: TransferMeter, referred: Map<string, number>): void {
  if (entry.kind !== 'packet' || entry.protocol !== 'sip') return;
  const { owner, direction, bytes } = entry;
  // Only the beginning: a look at each whole message would cost more than some of the work that is measured.
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 8)).toString('latin1');
  if (direction === 'received' && start.startsWith('REFER ')) {referred.set(owner, performance.now());}
  else if (direction === 'sent' && start.startsWith('INVITE ')) {
    const since = referred.get(owner);
    if (since !== undefined) meter.delay(performance.now() - since);
    referred.delete(owner);
  } else if (direction === 'received' && start.startsWith('NOTIFY ')) {
    if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('terminated')) meter.finalNotifies += 1;
  }
}

void main(Number(process.argv[2]), Number(process.argv[3]));
