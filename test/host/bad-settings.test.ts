/** What a person sees of a port in use, of settings that are wrong, and of targets that cannot be called. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { after, before, describe, test } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type VSCodeWindow } from './driver';
import { becomes, eventually } from './eventually';
import { LadderPage } from './ladder';

function bindAnyPort(): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket)));
}

describe('bad settings and bad targets', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  let ladder: LadderPage;
  let held: Socket;

  before(async () => {
    held = await bindAnyPort();
    vscode = await openVSCode({
      extension: repositoryRoot,
      workspace: 'test/host/fixtures/workspace',
      settings: {
        'callLab.phones': [
          { name: 'alice', username: 'alice', transport: 'pigeon' },
          { name: 'bob', answers: 'at once', requires: { realm: 'lab', users: ['alice'] } },
          { name: 'charlie', port: held.address().port },
        ],
      },
    });
    ladder = new LadderPage(vscode);
  });

  after(async () => {
    await vscode.close();
    held.close();
  });

  test('the lab starts with what is right, and says what is not', async () => {
    await vscode.openView('Call Lab');
    await vscode.runCommand('Call Lab: Start Lab');
    assert.match(
      await vscode.notification('transport'),
      /callLab\.phones\[0\]\.transport: one of udp, tcp, tls, ws was expected/,
    );
    assert.match(await vscode.notification('no password'), /no password is set for the user alice/);
    const port = String(held.address().port);
    const inUse = await vscode.notification(port);
    assert.match(inUse, /charlie/);
    assert.match(inUse, /give the phone another one/);
    const phones = await vscode.tree('Phones');
    assert.match(phones[0] ?? '', /^alice idle/);
    assert.match(phones[1] ?? '', /^bob idle/);
    assert.ok(phones[2]?.startsWith('charlie') === true && phones[2].includes(port), phones[2]);
  });

  test('without a password the call fails, with a sentence that says so', async () => {
    await vscode.runCommand('Call Lab: Place Call', 'alice', 'bob');
    assert.match(await vscode.notification("Alice's call to Bob failed"), /40[17]|password|Unauthorized/i);
  });

  test('with the password set, it is answered', async () => {
    await vscode.runCommand('Call Lab: Set Password', 'alice', 'wonderland');
    const [before] = await vscode.tree('Phones');
    await vscode.runCommand('Call Lab: Restart Lab');
    // The new lab's phones have other ports.
    await eventually(async () => {
      const [now] = await vscode.tree('Phones');
      assert.match(now ?? '', /^alice idle/);
      assert.notEqual(now, before);
    });
    await eventually(async () => assert.equal(await vscode.hasCommand('Call Lab: Place Call'), true));
    await vscode.runCommand('Call Lab: Place Call', 'alice', 'bob');
    await eventually(async () => assert.match(await ladder.hearing(), /^Alice hears Bob\. Bob hears Alice\./));
    const words = await ladder.rows();
    assert.ok(
      words.some((row) => row.startsWith('401 ')),
      words.join('\n'),
    );
    const page = await (await ladder.frame()).locator('body').innerText();
    assert.doesNotMatch(page, /wonderland/);
  });

  test('a target that cannot be called is refused while it is typed, and the call goes on', async () => {
    for (const [typed, why] of [
      ['tel:112', /Only sip: can be called/],
      ['sip:bob@example.com', /example\.com is not on this machine/],
    ] as const) {
      await vscode.runCommand('Call Lab: Blind Transfer', 'alice with bob');
      await vscode.keys(typed);
      await eventually(async () => assert.match(await vscode.page.locator('.quick-input-widget').innerText(), why));
      await vscode.page.keyboard.press('Enter');
      // Nothing is chosen: the question stands until the person answers or turns away.
      assert.equal(await vscode.page.locator('.quick-input-widget').isVisible(), true);
      await vscode.page.keyboard.press('Escape');
    }
    await becomes(async () => (await vscode.tree('Calls')).filter((row) => row.endsWith('talking')).length, 2);
  });

  test('a target where nobody listens fails, and the first call can be taken back', async () => {
    const gone = await bindAnyPort();
    const uri = `sip:nobody@127.0.0.1:${gone.address().port};transport=tcp`;
    gone.close();
    await vscode.runCommand('Call Lab: Type a Verb', `alice place ${uri}`);
    await vscode.notification("Alice's call to nobody failed");
    await vscode.runCommand('Call Lab: Resume');
    await eventually(async () => assert.match(await ladder.hearing(), /^Alice hears Bob\. Bob hears Alice\./));
  });

  test('a verb that is none is refused where it is typed', async () => {
    await vscode.runCommand('Call Lab: Type a Verb');
    await vscode.keys('alice hodl bob');
    await eventually(async () =>
      assert.match(await vscode.page.locator('.quick-input-widget').innerText(), /"hodl" is none of the verbs/),
    );
    await vscode.page.keyboard.press('Escape');
  });

  test('nothing complained', () => {
    // This web host keeps no keys, so its own vault for secrets complains; the secrets are kept all the same.
    const theirs = /mint-key|Method Not Allowed/;
    assert.deepEqual(
      vscode.errors.filter((error) => !theirs.test(error)),
      [],
    );
  });
});
