/** IAX2 in a real editor: a call, hold, a native transfer and TRANSFER from the palette, with the ladder checked on screen. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type VSCodeWindow } from './driver';
import { becomes, eventually } from './eventually';
import { LadderPage } from './ladder';
import { phoneRowIs } from './tree-rows';

const names = ['customer', 'secretary', 'boss'];

/** Whether `chain` is part of `rows`, in its order. */
function holdsInOrder(rows: readonly string[], chain: readonly string[]): boolean {
  let next = 0;
  for (const row of rows) if (row.startsWith(chain[next] ?? '\0')) next += 1;
  return next === chain.length;
}

describe('IAX2 phones from the palette', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  let ladder: LadderPage;

  before(async () => {
    vscode = await openVSCode({
      extension: repositoryRoot,
      workspace: 'test/host/fixtures/workspace',
      size: { width: 1360, height: 900 },
      settings: {
        'callLab.servers': { pbx: { kind: 'iax2', registrar: {}, extensions: { 103: 'boss' } } },
        'callLab.phones': [...names.map((name) => ({ name, protocol: 'iax2' })), { name: 'sippy' }],
      },
    });
    ladder = new LadderPage(vscode);
    await vscode.openView('Call Lab');
    await vscode.runCommand('Call Lab: Start Lab');
  });

  after(async () => {
    await vscode.close();
  });

  const rowIs = (pattern: RegExp): Promise<void> => phoneRowIs(vscode, pattern);

  async function ladderHas(...chain: readonly string[]): Promise<void> {
    await eventually(async () => {
      const rows = await ladder.rows();
      assert.ok(holdsInOrder(rows, chain), `${chain.join(', ')} are not in\n${rows.join('\n')}`);
    });
  }

  test('the tree shows the phones and the server with their addresses', async () => {
    await rowIs(/^pbx IAX2, nobody registered, 127\.0\.0\.1:\d+$/);
    await rowIs(/^customer idle, 127\.0\.0\.1:\d+/);
  });

  test('a call is placed and answered, and both are heard', async () => {
    await vscode.runCommand('Call Lab: Place Call', 'customer');
    assert.ok(!(await vscode.quickPickLabels()).includes('sippy'), 'who speaks SIP is not offered');
    await vscode.choose('secretary');
    await rowIs(/^secretary customer rings/);
    await vscode.runCommand('Call Lab: Answer');
    await becomes(() => ladder.hearing(), 'Customer hears Secretary. Secretary hears Customer. Boss hears nobody. Sippy hears nobody.');
    await ladderHas('NEW', 'CALLTOKEN', 'NEW', 'ACCEPT', 'CONTROL RINGING', 'CONTROL ANSWER');
  });

  test('the call is held and resumed', async () => {
    await vscode.runCommand('Call Lab: Hold', 'secretary with customer');
    await becomes(() => ladder.hearing(), 'Customer hears a hold tone. Secretary hears nobody. Boss hears nobody. Sippy hears nobody.');
    await vscode.runCommand('Call Lab: Resume');
    await becomes(() => ladder.hearing(), 'Customer hears Secretary. Secretary hears Customer. Boss hears nobody. Sippy hears nobody.');
    await ladderHas('QUELCH', 'UNQUELCH');
  });

  test('the secretary consults the boss and connects the customer natively', async () => {
    await vscode.runCommand('Call Lab: Place Consultation Call', 'secretary', 'boss');
    await rowIs(/^boss secretary rings/);
    await vscode.runCommand('Call Lab: Answer');
    await vscode.runCommand('Call Lab: Attended Transfer', 'secretary with customer', 'boss');
    await becomes(async () => (await vscode.tree('Transfers'))[0], 'Customer to Boss native, success');
    await becomes(() => ladder.hearing(), 'Customer hears Boss. Secretary hears nobody. Boss hears Customer. Sippy hears nobody.');
    await ladderHas('TXREQ', 'TXCNT', 'TXACC', 'TXREADY', 'UNQUELCH', 'TXREL');
    await vscode.screenshot('iax-native');
    await vscode.runCommand('Call Lab: Hang Up', 'customer with boss');
    await rowIs(/^boss idle/);
  });

  test('a call is handed over blindly by TRANSFER', async () => {
    await vscode.runCommand('Call Lab: Place Call', 'customer', 'secretary');
    await rowIs(/^secretary customer rings/);
    await vscode.runCommand('Call Lab: Answer');
    await vscode.runCommand('Call Lab: Blind Transfer', 'secretary with customer', 'boss');
    await rowIs(/^boss customer rings/);
    await vscode.runCommand('Call Lab: Answer');
    await becomes(() => ladder.hearing(), 'Customer hears Boss. Secretary hears nobody. Boss hears Customer. Sippy hears nobody.');
    await ladderHas('TRANSFER');
    await vscode.screenshot('iax-blind');
  });
});
