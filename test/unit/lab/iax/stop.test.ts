import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneOptions, ServerOptions } from '../../../../src/lab';
import { type LabRig, startLab } from '../../../support/lab-rig';

const users = ['alice', 'bob', 'charlie'].map((name) => ({ username: name, password: 'secret' }));

/** Plays as fast as it can, whatever the other side says, until nobody lets time pass any more. */
async function story(rig: LabRig, lines: readonly string[]): Promise<void> {
  for (const line of lines) await rig.begin(line);
}

const stories: Readonly<Record<string, readonly string[]>> = {
  'a supervised transfer': ['alice place bob', 'bob answer', 'bob consult charlie', 'charlie answer', 'bob attended-transfer alice to charlie', 'alice dtmf 12'],
  'a blonde transfer': ['alice place bob', 'bob answer', 'bob consult charlie', 'bob blonde-transfer alice to charlie', 'charlie answer'],
  'a transfer by TRANSFER': ['alice place bob', 'bob answer', 'bob transfer alice to charlie', 'charlie answer'],
  'hold and keys': ['alice place bob', 'bob answer', 'alice hold', 'alice resume', 'alice dtmf 123456', 'bob crash', 'bob restart'],
};

describe('a lab of IAX2 that is stopped in the middle of', () => {
  for (const [name, lines] of Object.entries(stories)) {
    for (const transfer of [undefined, 'off', 'native', 'media'] as const) {
      it(`${name}${transfer === undefined ? '' : ` at a server (${transfer})`}: nothing is left, at whatever moment`, async () => {
        for (let moment = 0; moment < 14; moment += 1) {
          const server: ServerOptions = { name: 'pbx', kind: 'iax2', registrar: { users, challengeCalls: true }, ...(transfer !== undefined && { transfer }) };
          const phone: Partial<PhoneOptions> = { protocol: 'iax2', ...(transfer !== undefined && { register: { registrar: 'pbx', password: 'secret' } }) };
          const rig = await startLab({ alice: phone, bob: phone, charlie: phone }, transfer === undefined ? {} : { servers: [server] }, { loss: moment % 2 === 0 ? 0 : 0.2 });
          // Registered, mostly; then a moment in the story that is another one each time.
          await rig.world.pass(moment % 5 === 0 ? 1 : 1_500);
          const told = story(rig, lines);
          await rig.world.pass(moment * moment * 70);
          await rig.end();
          assert.equal(rig.lab.isRunning, false);
          await rig.world.drive(told);
        }
      });
    }
  }
});
