/**
 * The pages of the dialog map and of the state of a transfer, in a browser under their own content security policy: what a
 * person sees of a running lab, and what mouse and keyboard make of it.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { toMmd } from '../../../../src/export';
import { buildMapView } from '../../../../src/vscode/panel/map-view';
import { readFromDiagram } from '../../../../src/vscode/panel/from-diagram';
import { buildTransferView } from '../../../../src/vscode/panel/transfer-view';
import type { DiagramKind, DiagramView, FromDiagram } from '../../../../webview/views/protocol';
import { type LabRig, startLab } from '../../../support/lab-rig';
import { violations } from '../../../support/panel/axe';
import { PanelPage } from '../../../support/panel/panel-page';
import { themes, type ThemeName } from '../../../support/panel/themes';
import { requirePeer } from '../../../support/peers';

const pictures = path.resolve(__dirname, '../../../../artifacts/screenshots');

describe('a page with a diagram', requirePeer('chromium'), () => {
  const said: FromDiagram[] = [];
  let rig: LabRig;

  before(async () => {
    mkdirSync(pictures, { recursive: true });
    rig = await startLab();
  });

  after(async () => {
    await rig.end();
  });

  async function open(kind: DiagramKind): Promise<PanelPage> {
    said.length = 0;
    const panel = await PanelPage.open<unknown>({
      entry: { name: 'views/main', data: { kind, transfer: '' } },
      size: { width: 760, height: 640 },
      onMessage: (message) => {
        const read = readFromDiagram(message);
        assert.ok(read !== undefined, JSON.stringify(message));
        said.push(read);
      },
    });
    await panel.load();
    await until(() => said.some(({ type }) => type === 'ready'));
    return panel;
  }

  async function until(isMet: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 300; tries += 1) {
      if (await isMet()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`this never came true: ${isMet.toString()}`);
  }

  /** Shows the lab as it stands, and waits until the page has drawn it. */
  async function show(panel: PanelPage, view: DiagramView): Promise<void> {
    // Not by a locator: that would wait for a first drawing, which only what is posted here brings.
    const before = await panel.page.evaluate(`document.querySelector('.drawing svg')?.id ?? null`);
    const isNew = view.diagram !== shown.get(panel);
    shown.set(panel, view.diagram);
    panel.post({ type: 'view', view });
    if (isNew) await until(async () => (await panel.page.locator('.drawing svg').count()) > 0 && (await panel.page.locator('.drawing svg').first().getAttribute('id')) !== before);
    await panel.page.waitForTimeout(250);
  }
  const shown = new Map<PanelPage, string>();

  function mapNow(): DiagramView {
    const { lab } = rig;
    return buildMapView({ phase: 'running', trace: lab.trace, phones: lab.phones, can: (...asked) => lab.can(...asked) });
  }

  async function inEveryTheme(panel: PanelPage, name: string): Promise<void> {
    for (const theme of Object.keys(themes) as ThemeName[]) {
      await panel.setTheme(theme);
      await panel.page.waitForTimeout(600);
      await panel.page.screenshot({ path: path.join(pictures, `${name}-${theme}.png`) });
      assert.equal(await violations(panel.page), '', theme);
    }
  }

  test('the map: calls come and go, and the parties stay where they are', async () => {
    const panel = await open('map');
    try {
      await show(panel, mapNow());
      const places = async (): Promise<Readonly<Record<string, number>>> => Object.fromEntries(await panel.page.locator('.drawing .node').evaluateAll((nodes) => nodes.map((node) => [node.textContent.trim(), Math.round(node.getBoundingClientRect().left)])));
      assert.deepEqual(Object.keys(await places()), ['alice', 'bob', 'charlie', 'dave']);
      await rig.connect('alice', 'bob');
      await show(panel, mapNow());
      const connected = await places();
      await rig.do('bob hold alice');
      await show(panel, mapNow());
      assert.equal(await panel.page.locator('.drawing .part.held .edgeLabel, .drawing .edgeLabel .part.held').first().textContent().then((text) => text?.trim()), 'bob holds');
      await rig.do('bob consult charlie');
      await rig.until(() => rig.calls('charlie').length > 0, 'charlie rings');
      await show(panel, mapNow());
      await inEveryTheme(panel, 'map');
      await rig.do('charlie answer');
      await show(panel, mapNow());
      const all = await places();
      await rig.do('bob hangup charlie');
      await show(panel, mapNow());
      assert.deepEqual(Object.keys(await places()), Object.keys(all));
      // What was there once keeps its room: nobody has moved farther than a label is wide.
      for (const [name, left] of Object.entries(await places())) assert.ok(Math.abs(left - (all[name] ?? 0)) <= 60, `${name}: ${left}, was ${all[name] ?? 0}`);
      assert.ok((connected['alice'] ?? 0) < (connected['bob'] ?? 0));
      assert.deepEqual(panel.errors, []);
    } finally {
      await panel.close();
    }
  });

  test('the map: a click on a call chooses it, and its actions run commands; all of it by keyboard as well', async () => {
    const panel = await open('map');
    try {
      await show(panel, mapNow());
      await panel.page.locator('.drawing .edgeLabel .part').first().click();
      await until(() => said.some(({ type }) => type === 'open'));
      assert.match(await panel.page.locator('.choice h2').innerText(), /^alice and bob: /);
      await panel.page.getByRole('button', { name: 'Hang Up' }).first().click();
      await until(() => said.some(({ type }) => type === 'run'));
      const run = said.find(({ type }) => type === 'run');
      assert.deepEqual(run, { type: 'run', command: 'callLab.hangUp', phone: 'alice', call: 'alice/1' });
      // From the call back to the first party, and press it.
      await panel.page.locator('.drawing [tabindex="0"]').focus();
      await panel.page.keyboard.press('Home');
      await panel.page.keyboard.press(' ');
      assert.match(await panel.page.locator('.choice h2').innerText(), /^alice, /);
      assert.equal(await panel.page.locator('.drawing [aria-pressed="true"]').getAttribute('aria-label'), 'alice, on hold');
      await panel.page.keyboard.press('ArrowRight');
      await panel.page.keyboard.press('Enter');
      assert.match(await panel.page.locator('.choice h2').innerText(), /^bob, /);
      // A page that was hidden comes back with its choice.
      await panel.load();
      panel.post({ type: 'view', view: mapNow() });
      await until(async () => (await panel.page.locator('.choice h2').count()) > 0 || (panel.post({ type: 'view', view: mapNow() }), false));
      assert.match(await panel.page.locator('.choice h2').innerText(), /^bob, /);
      assert.deepEqual(panel.errors, []);
    } finally {
      await panel.close();
    }
  });

  test('the state of a transfer: the path it took, and each step leads to its message', async () => {
    const begun = rig.begin('bob transfer alice to charlie');
    await rig.until(() => rig.calls('charlie').some(({ state }) => state === 'incoming'), 'charlie rings');
    const panel = await open('transfer');
    try {
      await show(panel, buildTransferView(rig.lab.trace, ''));
      assert.equal(await panel.page.locator('.drawing .state.now').textContent().then((text) => text?.trim()), 'Charlie rings');
      await panel.page.screenshot({ path: path.join(pictures, 'transfer-under-way.png') });
      await rig.do('charlie answer');
      await rig.world.drive(begun);
      await rig.until(() => rig.lab.trace.transfers[0]?.verdict === 'success', 'it succeeds');
      await show(panel, buildTransferView(rig.lab.trace, ''));
      assert.equal(await panel.page.locator('.drawing .state.now').textContent().then((text) => text?.trim()), 'Success');
      const refer = rig.lab.trace.messages.find(({ sip }) => sip?.kind === 'request' && sip.method === 'REFER');
      const opened = (): readonly unknown[] => said.filter(({ type }) => type === 'open');
      await panel.page.locator('.drawing .label.line.taken', { hasText: 'REFER' }).first().click();
      await until(() => opened().length === 1);
      assert.deepEqual(opened()[0], { type: 'open', id: refer?.id, focus: false });
      await panel.page.locator('.moves .open', { hasText: 'REFER' }).first().click();
      await until(() => opened().length === 2);
      await panel.page.locator('.drawing [tabindex="0"]').focus();
      await panel.page.keyboard.press('End');
      await panel.page.keyboard.press('Enter');
      await until(() => opened().length === 3);
      assert.deepEqual(opened()[2], { type: 'open', id: rig.lab.trace.transfers[0]?.decidedBy, focus: true });
      await inEveryTheme(panel, 'transfer-state');
      assert.deepEqual(panel.errors, []);
    } finally {
      await panel.close();
    }
  });

  /** Lets the page make a picture of a diagram, as it does for an export. */
  async function picture(diagram: string, format: 'svg' | 'png'): Promise<string> {
    const panel = await open('picture');
    try {
      panel.post({ type: 'view', view: { kind: 'picture', diagram, format, welcome: '' } });
      await until(() => said.some(({ type }) => type === 'picture' || type === 'trouble'));
      assert.deepEqual(panel.errors, []);
      const made = said.find((message) => message.type === 'picture');
      return made?.data ?? assert.fail(JSON.stringify(said).slice(0, 300));
    } finally {
      await panel.close();
    }
  }

  test('a picture as SVG shows its texts without HTML', async () => {
    const svg = await picture('flowchart LR\n  n0(["#60;b#62; #38;amp#59; #35;35#59; 1#46; #42;x#42;"])\n  n1["y"]\n  n0 c1@===|"talking"| n1\n', 'svg');
    assert.match(svg, /^<svg [^>]*width="\d+"/);
    assert.ok(!/<foreignObject|<script/.test(svg));
    const words = [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/gs)].map(([, text = '']) => text.replace(/<[^>]*>|\s/g, ''));
    assert.deepEqual(words.sort(), ['&lt;b&gt;&amp;amp;#35;1.*x*', 'talking', 'y']);
  });

  test('a picture as PNG, of each kind of diagram', async () => {
    const source = { model: rig.lab.trace, title: '', scope: { kind: 'all' } } as const;
    for (const kind of ['ladder', 'map', 'transfer'] as const) {
      const png = Buffer.from(await picture(toMmd(source, kind), 'png'), 'base64');
      assert.equal(png.toString('latin1', 1, 4), 'PNG');
      assert.ok(png.readUInt32BE(16) > 300);
      writeFileSync(path.join(pictures, `picture-${kind}.png`), png);
    }
  });

  test('a diagram that cannot be drawn shows its text with the error, and the next one is drawn', async () => {
    const panel = await open('transfer');
    try {
      const view = buildTransferView(rig.lab.trace, '');
      panel.post({ type: 'view', view: { ...view, diagram: 'stateDiagram-v2\n  a --> --> b' } });
      await until(() => said.some(({ type }) => type === 'trouble'));
      assert.match(await panel.page.locator('.failure').innerText(), /a --> --> b/);
      await show(panel, view);
      assert.equal(await panel.page.locator('.failure').isVisible(), false);
    } finally {
      await panel.close();
    }
  });
});
