/** Each example as a stranger would see it: the verdicts of its capture are those that were measured while it played. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { packetsOfJournal, readCapture, writePcap } from '../../src/capture';
import type { Lab } from '../../src/lab';
import { parseScenario, runScenario, simulatedEnvironment } from '../../src/scenario';
import { type Transfer, TraceModel } from '../../src/trace';

const folder = path.resolve(__dirname, '../../examples');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.calllab.yaml'));

/** The transfers of a scenario, as they were judged live and as its capture is. */
async function judgedTwice(file: string): Promise<readonly (readonly [live: Transfer, captured: Transfer | undefined])[]> {
  const { scenario } = parseScenario(readFileSync(path.join(folder, file), 'utf8'), file);
  assert.ok(scenario);
  const labs: Lab[] = [];
  const { failures } = await runScenario(scenario, simulatedEnvironment({ seed: 1 }), { onLab: (lab) => void labs.push(lab) });
  assert.deepEqual(failures, []);
  const [lab] = labs;
  assert.ok(lab);
  const { transfers } = TraceModel.from(readCapture(writePcap(packetsOfJournal(lab.journal))).packets);
  return lab.trace.transfers.map((live, index) => [live, transfers[index]] as const);
}

describe('a capture of an example', () => {
  let judged = 0;
  let withAudio = 0;

  for (const file of files) {
    it(`${file}: has the verdicts that the lab has measured`, async () => {
      for (const [live, captured] of await judgedTwice(file)) {
        // What was still open when the phones stopped is decided by the end of a capture.
        if (live.verdict === 'pending') continue;
        judged += 1;
        // What kind was meant only the lab knows: a consultation may be over before its transfer begins.
        assert.equal(captured?.verdict, live.verdict, `${live.reason}\n${captured?.reason ?? ''}`);
        if (live.verdict !== 'success' || live.kind === 'native-media' || live.survivingCall === undefined) continue;
        withAudio += 1;
        assert.match(captured.reason, /, and audio went both ways\.$/);
      }
    });
  }

  it('has media in nearly all of them', () => {
    assert.ok(judged > 150 && withAudio > 100, `${judged} judged, ${withAudio} with audio`);
  });
});
