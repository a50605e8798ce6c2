/** A lab with a proxy from the settings: who is registered where, a call by name through it, and its place in the palette. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type Theme, type VSCodeWindow } from './driver';
import { becomes, eventually } from './eventually';
import { LadderPage } from './ladder';
import { phoneRowIs } from './tree-rows';

describe('servers from the settings', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  let ladder: LadderPage;

  before(async () => {
    vscode = await openVSCode({
      extension: repositoryRoot,
      workspace: 'test/host/fixtures/workspace',
      size: { width: 1360, height: 900 },
      settings: {
        'callLab.servers': { proxy: { registrar: {} }, strict: { domain: 'strict.test', registrar: { users: ['dave'] } } },
        'callLab.phones': [
          { name: 'alice', register: 'proxy' },
          { name: 'bob', register: 'proxy' },
          { name: 'charlie', register: 'proxy', outboundProxy: 'proxy' },
          { name: 'dave', register: 'strict' },
        ],
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

  test('phones register, and the server shows who is there, until when and where', async () => {
    assert.match(await vscode.notification('no password'), /no password is set for the user dave/);
    for (const name of ['alice', 'bob', 'charlie']) {
      await rowIs(new RegExp(`^${name} idle, registered, 127`));
      await rowIs(new RegExp(`^${name} until \\d\\d:\\d\\d:\\d\\d, 127\\.0\\.0\\.1:\\d+$`));
    }
    await rowIs(/^proxy lab\.test, 3 registered, 127\.0\.0\.1:\d+$/);
    await rowIs(/^dave idle, not registered: /);
    await rowIs(/^strict strict\.test, nobody registered, 127\.0\.0\.1:\d+$/);
  });

  test('with the password set, dave is registered as well', async () => {
    await vscode.runCommand('Call Lab: Set Password', 'dave', 'a-secret');
    await vscode.runCommand('Call Lab: Restart Lab');
    await rowIs(/^dave idle, registered, 127/);
    await rowIs(/^strict strict\.test, 1 registered/);
  });

  test('unregistering takes the binding out of the tree, registering brings it back', async () => {
    await vscode.runCommand('Call Lab: Unregister', 'charlie');
    await rowIs(/^charlie idle, not registered, 127/);
    await rowIs(/^proxy lab\.test, 2 registered/);
    await vscode.runCommand('Call Lab: Register', 'charlie');
    await rowIs(/^proxy lab\.test, 3 registered/);
  });

  test('alice calls bob by his name, and the call goes through the proxy', async () => {
    await vscode.runCommand('Call Lab: Place Call', 'alice', 'sip:bob@lab.test');
    await rowIs(/^bob alice rings/);
    await vscode.runCommand('Call Lab: Answer');
    await becomes(() => ladder.hearing(), 'Alice hears Bob. Bob hears Alice. Charlie hears nobody. Dave hears nobody.');
    const invites = (await ladder.rows()).filter((row) => row.startsWith('INVITE'));
    assert.equal(invites.length, 2, 'from Alice to the proxy, and from the proxy to Bob');
  });

  test('the party who is consulted comes first among the targets of a transfer, and the transfer goes through the proxy', async () => {
    await vscode.runCommand('Call Lab: Place Consultation Call', 'bob', 'charlie');
    await rowIs(/^charlie bob rings/);
    await vscode.runCommand('Call Lab: Attended Transfer', 'bob with alice');
    await eventually(async () => assert.deepEqual((await vscode.quickPickLabels()).filter((label) => label !== 'being consulted').slice(0, 1), ['charlie']));
    await eventually(async () => assert.match(await vscode.page.locator('.quick-input-widget').innerText(), /consultation call, ringing there/));
    await vscode.screenshot('servers-consulted');
    await vscode.choose('charlie');
    await vscode.runCommand('Call Lab: Answer');
    await becomes(async () => (await vscode.tree('Transfers'))[0], 'Alice to Charlie attended, success');
    await vscode.runCommand('Call Lab: Hang Up', 'alice with charlie');
    await rowIs(/^alice idle/);
  });

  test('a redirection to several targets: one after the other with a button, and their order counts', async () => {
    await vscode.runCommand('Call Lab: Place Call', 'alice', 'bob');
    await rowIs(/^bob alice rings/);
    await vscode.runCommand('Call Lab: Redirect');
    const row = vscode.page.locator('.quick-input-list .monaco-list-row', { hasText: 'dave' }).first();
    await row.hover();
    await row.getByRole('button', { name: 'And Then Another' }).click();
    await eventually(async () => assert.match(await vscode.page.locator('.quick-input-widget').innerText(), /chosen so far/));
    await vscode.screenshot('servers-redirect');
    await vscode.choose('charlie');
    // The proxy looks no other domains up: Dave cannot be reached, and Charlie is next.
    await rowIs(/^charlie alice rings/);
    await vscode.runCommand('Call Lab: Answer');
    await becomes(() => ladder.hearing(), 'Alice hears Charlie. Bob hears nobody. Charlie hears Alice. Dave hears nobody.');
  });

  test('it can be read in every theme', async () => {
    for (const theme of ['dark', 'high-contrast', 'light'] satisfies Theme[]) {
      await vscode.setTheme(theme);
      await vscode.page.waitForTimeout(700);
      await vscode.screenshot(`servers-${theme}`);
    }
    const theirs = /mint-key|Method Not Allowed/;
    assert.deepEqual(
      vscode.errors.filter((error) => !theirs.test(error)),
      [],
    );
  });
});
