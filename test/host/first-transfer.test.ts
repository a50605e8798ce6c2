/**
 * The main job in a real VS Code, the way a person does it: through the palette, the views and the panel, with nothing
 * but the screen to read. Its screenshots are the README's: `UPDATE_PICTURES=1` puts them there.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type Theme, type VSCodeWindow } from './driver';
import { becomes, eventually } from './eventually';
import { LadderPage } from './ladder';
import { offerToReadme } from './readme-picture';

/** What each message must follow; between these chains the order is a matter of microseconds. */
const chains: readonly (readonly string[])[] = [
  ['INVITE bob', '180 Ringing (INVITE)', '200 OK (INVITE)', 'ACK'],
  [
    'INVITE (hold, sendonly)',
    '200 OK (INVITE, recvonly)',
    'ACK',
    'INVITE (resume, sendrecv)',
    '200 OK (INVITE)',
    'ACK',
  ],
  [
    'REFER -> charlie',
    '202 Accepted (REFER)',
    'NOTIFY 100 Trying',
    '200 OK (NOTIFY)',
    'NOTIFY 180 Ringing',
    '200 OK (NOTIFY)',
  ],
  ['REFER -> charlie', 'INVITE charlie (Referred-By bob)', '180 Ringing (INVITE)', '200 OK (INVITE)', 'ACK'],
  ['NOTIFY 200 OK (terminated)', '200 OK (NOTIFY)', 'BYE', '200 OK (BYE)', 'BYE', '200 OK (BYE)'],
];

/** Whether `chain` is part of `rows`, in its order. */
function holdsInOrder(rows: readonly string[], chain: readonly string[]): boolean {
  let next = 0;
  for (const row of rows) if (row === chain[next]) next += 1;
  return next === chain.length;
}

describe('a first transfer', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  let ladder: LadderPage;

  before(async () => {
    vscode = await openVSCode({
      extension: repositoryRoot,
      workspace: 'test/host/fixtures/workspace',
      size: { width: 1280, height: 860 },
    });
    ladder = new LadderPage(vscode);
  });

  after(async () => {
    await vscode.close();
  });

  test('nothing but the start is offered while the lab is stopped', async () => {
    await vscode.openView('Call Lab');
    await eventually(async () => assert.ok((await vscode.statusBar()).includes('Call Lab: stopped')));
    assert.equal(await vscode.hasCommand('Call Lab: Place Call'), false);
    assert.equal(await vscode.hasCommand('Call Lab: Stop Lab'), false);
    assert.equal(await vscode.hasCommand('Call Lab: Start Lab'), true);
  });

  test('the lab starts, with three phones and its panel', async () => {
    await vscode.runCommand('Call Lab: Start Lab');
    await eventually(async () => {
      const phones = await vscode.tree('Phones');
      assert.deepEqual(
        phones.map((row) => row.replace(/:\d+$/, '')),
        ['alice idle, 127.0.0.1', 'bob idle, 127.0.0.1', 'charlie idle, 127.0.0.1'],
      );
    });
    await eventually(async () =>
      assert.match(await (await ladder.frame()).locator('.welcome').innerText(), /Place a call/),
    );
  });

  test('alice calls bob, who rings', async () => {
    await vscode.runCommand('Call Lab: Place Call', 'alice', 'bob');
    await eventually(async () => assert.ok((await vscode.tree('Phones')).includes('bob alice rings')));
    assert.equal(await vscode.hasCommand('Call Lab: Hold'), false);
    assert.equal(await vscode.hasCommand('Call Lab: Answer'), true);
  });

  test('bob answers, and they hear each other', async () => {
    await vscode.runCommand('Call Lab: Answer');
    await becomes(() => ladder.hearing(), 'Alice hears Bob. Bob hears Alice. Charlie hears nobody.');
    assert.equal(await vscode.hasCommand('Call Lab: Answer'), false);
  });

  test('bob holds alice, who hears the hold tone', async () => {
    await vscode.runCommand('Call Lab: Hold', 'bob with alice');
    await becomes(() => ladder.hearing(), 'Alice hears a hold tone. Bob hears nobody. Charlie hears nobody.');
    assert.deepEqual(await vscode.tree('Calls'), ['alice 1 call', 'bob held', 'bob 1 call', 'alice holding']);
  });

  test('bob takes her back', async () => {
    // One call only can be resumed: nothing is asked.
    await vscode.runCommand('Call Lab: Resume');
    await becomes(() => ladder.hearing(), 'Alice hears Bob. Bob hears Alice. Charlie hears nobody.');
    assert.equal(await vscode.hasCommand('Call Lab: Resume'), false);
  });

  test('bob transfers alice to charlie, who answers', async () => {
    await vscode.runCommand('Call Lab: Blind Transfer', 'bob with alice', 'charlie');
    await eventually(async () => assert.ok((await vscode.tree('Phones')).includes('charlie alice rings')));
    await vscode.runCommand('Call Lab: Answer');
    await becomes(() => ladder.verdict(), 'Alice talks to Charlie; Bob has left.');
    await becomes(() => ladder.hearing(), 'Alice hears Charlie. Bob hears nobody. Charlie hears Alice.');
    await eventually(async () => assert.equal((await vscode.tree('Transfers'))[0], 'Alice to Charlie blind, success'));
  });

  test('it can be read in every theme', async () => {
    for (const theme of ['dark', 'high-contrast', 'light'] satisfies Theme[]) {
      await vscode.setTheme(theme);
      await eventually(async () => assert.ok((await ladder.rows()).length > 20));
      // Mermaid draws anew for the theme, and the editor fades its own colours.
      await vscode.page.waitForTimeout(700);
      const { background, words } = await ladder.colours();
      assert.ok(contrast(background, words) >= 4.5, `${theme}: ${words} on ${background}`);
      offerToReadme(await vscode.screenshot(`first-transfer-${theme}`), `ladder-${theme}.png`);
    }
  });

  test('alice hangs up', async () => {
    await vscode.runCommand('Call Lab: Hang Up', 'alice with charlie');
    await eventually(async () => assert.ok((await vscode.statusBar()).includes('Call Lab: no calls')));
  });

  test('the ladder shows its lanes, and every message in its order', async () => {
    await eventually(async () => assert.equal((await ladder.rows()).at(-1), '200 OK (BYE)'));
    assert.deepEqual(await ladder.lanes(), ['alice', 'bob', 'charlie']);
    const rows = await ladder.rows();
    for (const chain of chains) {
      assert.ok(holdsInOrder(rows, chain), `${chain.join(', ')} are not in their order in\n${rows.join('\n')}`);
    }
    // The phone holds on its own before it refers; all else is in the chains, where the REFER stands twice.
    const holdBefore = ['INVITE (hold, sendonly)', '200 OK (INVITE, recvonly)', 'ACK'];
    assert.deepEqual(
      [...rows].sort(),
      [
        ...chains.flat().filter((row, index, all) => row !== 'REFER -> charlie' || all.indexOf(row) === index),
        ...holdBefore,
      ].sort(),
    );
    const arrows = await ladder.arrows();
    assert.equal(arrows.length, rows.length);
    assert.equal(arrows[0], 'alice > bob');
    assert.equal(arrows[rows.indexOf('REFER -> charlie')], 'bob > alice');
    assert.equal(arrows[rows.indexOf('INVITE charlie (Referred-By bob)')], 'alice > charlie');
  });

  test('a click on an arrow shows its message in the trace, a double click goes there', async () => {
    await (await ladder.row('REFER -> charlie')).click();
    await eventually(async () => assert.ok((await vscode.tabs()).some((tab) => tab.startsWith('live.siptrace'))));
    await (await ladder.row('REFER -> charlie')).dblclick();
    await eventually(async () => {
      assert.match(await vscode.editorText(), /^REFER sip:alice@127\.0\.0\.1:\d+ SIP\/2\.0$/m);
      assert.match((await vscode.statusBar()).join(' '), /Ln \d+, Col 1 \(\d+ selected\)/);
    });
  });

  test('new messages leave the selection in the trace where it is', async () => {
    const place = async (): Promise<string | undefined> =>
      (await vscode.statusBar()).find((text) => text.startsWith('Ln '));
    const before = await place();
    const rows = (await ladder.rows()).length;
    await vscode.runCommand('Call Lab: Type a Verb', 'charlie place bob');
    await eventually(async () => assert.ok((await ladder.rows()).length > rows));
    await vscode.page.waitForTimeout(500);
    assert.equal(await place(), before);
  });

  test('the row of the message that is read is marked, and the outline leads to messages', async () => {
    const marked = async (): Promise<readonly (string | null)[]> =>
      (await ladder.frame())
        .locator('.canvas .row.marked')
        .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')));
    await eventually(async () => assert.match(String(await marked()), /^\d+\. REFER -> charlie, bob to alice$/));
    await vscode.page.keyboard.press('Control+Shift+O');
    await vscode.page.keyboard.type('486', { delay: 30 });
    await eventually(async () => assert.deepEqual(await vscode.quickPickLabels(), ['No matching editor symbols']));
    await vscode.page.keyboard.press('Backspace');
    await vscode.page.keyboard.press('Backspace');
    await vscode.page.keyboard.press('Backspace');
    await vscode.page.keyboard.type('202 Accepted', { delay: 30 });
    await vscode.page.keyboard.press('Enter');
    await eventually(async () => assert.match(String(await marked()), /^\d+\. 202 Accepted \(REFER\), alice to bob$/));
  });

  test('from row to row by the arrow keys, and to the message by Enter', async () => {
    await (await ladder.row('INVITE bob')).focus();
    await vscode.page.keyboard.press('ArrowDown');
    await vscode.page.keyboard.press('Enter');
    await eventually(async () => assert.match(await vscode.editorText(), /^SIP\/2\.0 180 Ringing$/m));
  });

  test('a call is answered, held and ended by the actions of its row', async () => {
    await vscode.treeAction('Calls', 'ringing here', 'Answer');
    await becomes(() => ladder.hearing(), 'Alice hears nobody. Bob hears Charlie. Charlie hears Bob.');
    await vscode.treeAction('Calls', 'talking', 'Hold');
    await becomes(() => ladder.hearing(), 'Alice hears nobody. Bob hears nobody. Charlie hears a hold tone.');
    await vscode.treeAction('Calls', 'holding', 'Hang Up');
    await eventually(async () => assert.ok((await vscode.statusBar()).includes('Call Lab: no calls')));
  });

  test('the lab stops, and what happened can still be read', async () => {
    await vscode.runCommand('Call Lab: Stop Lab');
    await eventually(async () => assert.ok((await vscode.statusBar()).includes('Call Lab: stopped')));
    await becomes(() => vscode.tree('Phones'), []);
    assert.ok((await ladder.rows()).length > 20);
    assert.equal(await ladder.verdict(), 'Alice talks to Charlie; Bob has left.');
  });

  test('nothing complained', () => {
    assert.deepEqual(vscode.errors, []);
  });
});

/** The contrast ratio of two colours (WCAG 2.1); 4.5 is what text of this size needs. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((channel) => {
    const value = Number(channel) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
