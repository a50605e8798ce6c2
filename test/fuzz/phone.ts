import { parseArgs } from 'node:util';
import { attackPhone } from './phone-attack';

/*
 * node --import tsx test/fuzz/phone.ts [--count N] [--seed S]
 *
 * Sends mutated messages into running phones, over UDP and TCP of the simulated network; see `attackPhone` for what is
 * checked. The same seed gives the same attack. What breaks a rule is printed, and the exit status is 1.
 */

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } } });
  const [count, seed] = [Number(values.count), Number(values.seed)];
  const started = performance.now();
  const { outcomes, newCalls, heapGrowth } = await attackPhone(count, seed);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${count} messages of seed ${seed} in ${seconds} s, ${newCalls} calls placed anew, heap ${(heapGrowth / 1024).toFixed(0)} KiB`);
  for (const [outcome, times] of [...outcomes].sort(([, a], [, b]) => b - a)) console.log(`${String(times).padStart(9)}  ${outcome}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
