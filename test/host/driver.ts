/**
 * Drives a real VS Code: the web host of scripts/vscode-host.mjs, shown in the system's Chromium through playwright-core.
 * It goes the way a person goes (palette, quick picks, keys, clicks) and reads what a person sees.
 *
 * ```ts
 * const vscode = await openVSCode({ extension: repositoryRoot, workspace: 'examples' });
 * try {
 *   await vscode.runCommand('Call Lab: Place Call', 'alice', 'bob');   // palette, then one answer per question
 *   await vscode.runCommand('Call Lab: Answer', 'bob');
 *   const panel = await vscode.webview('svg[role]');                  // the frame that has such an element
 *   assert.equal(await panel.locator('.lane').count(), 3);
 *   await vscode.setTheme('high-contrast');
 *   await vscode.screenshot('ladder-high-contrast');                  // artifacts/screenshots/ladder-high-contrast.png
 *   assert.deepEqual(vscode.errors, []);
 * } finally {
 *   await vscode.close();                                             // leaves no process and no folder behind
 * }
 * ```
 *
 * - `openVSCode(options)`: `extension` is loaded from its folder; `vsix` is installed as a person would install it.
 *   Each window has a new profile of its own. `trusted: false` brings the trust question and restricted mode back;
 *   `env` reaches the extension (`CALL_LAB_SCENARIO` for instance); `settings` are added to the user's settings.
 * - `runCommand(title, ...answers)`: by its whole palette title, `Category: Title`. Throws, with the commands that are
 *   there, when it is absent or disabled. `hasCommand(title)` only looks.
 * - `choose(label)` and `type(text)` answer one quick pick or one input box that is open; `quickPickLabels()` reads it.
 *   An answer to `runCommand` is chosen when a list is shown, and typed when an input box is.
 * - `confirmFile(name)` confirms the dialog of files.
 * - `webview(selector)`: the innermost frame of the webview that has (or soon has) an element for `selector`.
 * - `tree(title)`: rows of a tree view; `treeAction(title, row, action)` clicks a row's inline action.
 * - `answerNotification(text, button)` presses a button of a notification; `problems()` reads the Problems view.
 * - `openView(title)` clicks in the activity bar, `openFile(name)` goes through quick open, `statusBar()`, `notification(text)`,
 *   `editorText()`, `tabs()` read.
 * - `eventually(read, isRight)` for what comes with time: `await vscode.eventually(() => vscode.tree('Calls'), (rows) => rows.length === 1)`.
 * - `setTheme('light' | 'dark' | 'high-contrast' | 'high-contrast-light')`, `screenshot(name)`.
 * - `reload()` loads the window again. `restart()`: the whole program ends and starts again with what its profile kept, as when a person closes it and comes back.
 * - `errors`: what the page, its webviews and the extension host complained of, without what is harmless offline.
 * - `page` is playwright's, for everything else. Everything waits up to `patience` milliseconds for what it needs.
 *
 * What a webview needs here, found out by the probe in fixtures/webview-probe (see driver.test.ts): the frames come from the
 * server itself (code-server sets the web workbench's `webviewEndpoint` to its own address, so nothing is fetched from
 * the content network that a desktop or a vscode.dev build names). The resources of `webview.asWebviewUri` do carry
 * addresses under `*.vscode-resource.vscode-cdn.net`, but a service worker in the webview's outer frame answers them from
 * the extension's files. So a policy of `default-src 'none'` with `script-src ${webview.cspSource}` is enough, also for
 * module scripts and for their `import()` of split-off chunks; no nonce and no 'unsafe-…' word is needed. Service workers
 * want a secure origin: 127.0.0.1 is one.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Browser, errors, type Frame, type Locator, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/lib/chromium.mjs';
import { ensureWebHost, installExtension, linkExtension, quietSettings, startWebHost, type WebHostServer } from '../../scripts/vscode-host.mjs';
import { Complaints, launchBrowser } from './browser';

/** The repository, which is also the extension's folder. */
export const repositoryRoot = path.resolve(__dirname, '../..');

/** Where screenshots go; not part of the repository. */
export const screenshotFolder = path.join(repositoryRoot, 'artifacts/screenshots');

/** How long anything may take to appear, in milliseconds. The machine may be busy. */
const patience = 30_000;

export interface WindowOptions {
  /** Folder to open, relative to the repository or absolute. */
  readonly workspace: string;
  /** Folder of the extension to load. */
  readonly extension?: string;
  /** Packaged extension to install first. */
  readonly vsix?: string;
  /** Default true: every folder is trusted and no question is asked. */
  readonly trusted?: boolean;
  /** Added to this process's environment; reaches the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** User settings beyond the quiet ones that every profile has. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Size of the window in CSS pixels. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Compiled entry of an in-host suite; see in-host.ts. */
  readonly testsPath?: string;
  /** Functions for the page to call, set before it loads. */
  readonly expose?: Readonly<Record<string, (...args: unknown[]) => void>>;
}

export type Theme = 'light' | 'dark' | 'high-contrast' | 'high-contrast-light';

/** The themes that VS Code brings along, and the class that marks their kind on the workbench. */
const themes: Readonly<Record<Theme, { readonly label: string; readonly mark: string }>> = {
  light: { label: 'Light Modern', mark: 'vs' },
  dark: { label: 'Dark Modern', mark: 'vs-dark' },
  'high-contrast': { label: 'Dark High Contrast', mark: 'hc-black' },
  'high-contrast-light': { label: 'Light High Contrast', mark: 'hc-light' },
};

/** Opens a VS Code window in a new profile. */
export async function openVSCode(options: WindowOptions): Promise<VSCodeWindow> {
  const workspace = path.resolve(repositoryRoot, options.workspace);
  if (!existsSync(workspace)) throw new Error(`There is no folder ${workspace} to open.`);
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium is installed: run "npm run setup", or set CALL_LAB_CHROMIUM.');
  const host = await ensureWebHost();
  const profile = mkdtempSync(path.join(os.tmpdir(), 'call-lab-host-'));
  // An automated host shows no notifications; only an in-host suite needs one.
  const automated = options.testsPath !== undefined;
  const hostOptions = {
    profile,
    automated,
    trusted: options.trusted ?? true,
    settings: { ...quietSettings, ...options.settings },
    // No gallery: nothing in a test may look for the network.
    env: { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...options.env },
  };
  if (options.vsix !== undefined) await installExtension(host, hostOptions, options.vsix);
  if (options.extension !== undefined && !automated) linkExtension(profile, options.extension);
  const address = (running: WebHostServer): string =>
    running.url({
      workspace,
      ...(automated && options.extension !== undefined ? { developmentPath: options.extension } : {}),
      ...(options.testsPath === undefined ? {} : { testsPath: options.testsPath }),
    });
  let browser: Browser | undefined;
  let server: WebHostServer | undefined;
  try {
    browser = await launchBrowser(executablePath);
    // What VS Code keeps of its windows on the web, it keeps in the browser: in this context, as long as it is open.
    const context = await browser.newContext({ viewport: options.size ?? { width: 1440, height: 900 } });
    for (const [name, callback] of Object.entries(options.expose ?? {})) await context.exposeFunction(name, callback);
    const start = (port: number): Promise<WebHostServer> => startWebHost(host, { ...hostOptions, port });
    server = await start(0);
    const page = await context.newPage();
    const window = new VSCodeWindow({ browser, profile, start, address }, { server, page });
    await window.open();
    return window;
  } catch (error) {
    await browser?.close();
    await server?.stop();
    rmSync(profile, { recursive: true, force: true });
    throw error;
  }
}

/** A server with the page that shows it, from a start to the next end. */
interface Session {
  readonly server: WebHostServer;
  readonly page: Page;
}

interface WindowParts {
  readonly browser: Browser;
  readonly profile: string;
  readonly start: (port: number) => Promise<WebHostServer>;
  readonly address: (server: WebHostServer) => string;
}

/** The palette or the question that was to be used is not there. */
class TakenAway extends Error {}

/** One VS Code window; see the top of this file. */
export class VSCodeWindow {
  readonly #parts: WindowParts;
  readonly #complaints = new Complaints();
  #session: Session;

  constructor(parts: WindowParts, session: Session) {
    this.#parts = parts;
    this.#session = session;
    this.#listen();
  }

  /** Playwright's page; another one after a restart. */
  get page(): Page {
    return this.#session.page;
  }

  /** Shows the workbench, and waits until it knows the commands and views of the extensions. */
  async open(): Promise<void> {
    await this.page.goto(this.#parts.address(this.#session.server));
    await this.page.waitForFunction("performance.getEntriesByName('code/didLoadExtensions').length > 0", undefined, { timeout: patience });
  }

  /**
   * Ends the program, its extension host and its page, and starts it again with what its profile kept. At the same address: on
   * the web, that is what windows are known by.
   */
  async restart(): Promise<void> {
    const { server, page } = this.#session;
    await this.#hasKept();
    // As a person closes a window: the workbench saves what it has to.
    page.once('dialog', (question) => void question.accept());
    const closed = page.waitForEvent('close');
    await page.close({ runBeforeUnload: true });
    await closed;
    await server.stop();
    this.#session = { server: await this.#parts.start(server.port), page: await page.context().newPage() };
    this.#listen();
    await this.open();
  }

  /** Loads the window again, as the command of that name does. */
  async reload(): Promise<void> {
    await this.#hasKept();
    await this.page.reload();
  }

  /** On the web the workbench writes down what is open every five seconds; what it has to do at the end it may not get done. */
  async #hasKept(): Promise<void> {
    await this.page.waitForTimeout(6_000);
  }

  /** Folder of everything that this window keeps; goes with `close`. */
  get profile(): string {
    return this.#parts.profile;
  }

  /** Complaints so far, oldest first, each with the place it came from. */
  get errors(): readonly string[] {
    return this.#complaints.texts;
  }

  /**
   * Runs a command by its palette title and answers its questions in their order. On a busy machine a page that has just come
   * takes the focus from the palette, or the palette, going away late, takes a question with it that has just come: then the
   * command is run again, as a person does, since nothing was chosen yet.
   */
  async runCommand(title: string, ...answers: readonly string[]): Promise<void> {
    const [first, ...others] = answers;
    await this.#unlessTakenAway(async () => {
      await this.#start(title);
      if (first === undefined) return;
      await this.#hasAsked();
      // Long enough for a palette that goes away late.
      await this.page.waitForTimeout(150);
      if ((await this.#quickInput.count()) === 0) throw new TakenAway(`"${title}" asks nothing, or its question went away.`);
      await this.#answer(first, title);
    });
    for (const answer of others) await this.#answer(answer, title);
  }

  /** Does it again, twice at the most, when the widget that it was using is gone. */
  async #unlessTakenAway(act: () => Promise<void>): Promise<void> {
    for (let left = 2; ; left -= 1) {
      try {
        await act();
        return;
      } catch (error) {
        const isTakenAway = error instanceof TakenAway || error instanceof errors.TimeoutError;
        if (left === 0 || !isTakenAway || (await this.#quickInput.count()) > 0) throw error;
      }
    }
  }

  async #start(title: string): Promise<void> {
    await this.#filterPalette(title);
    const row = this.#row(title);
    await this.#until(async () => (await row.count()) > 0 || (await this.#paletteHasSettled()));
    if ((await row.count()) === 0) {
      const offered = await this.quickPickLabels();
      await this.page.keyboard.press('Escape');
      throw new Error(`The palette has no command "${title}" now; it offers: ${offered.join(' | ') || 'nothing'}.`);
    }
    await this.#confirm(() => row.first().click({ timeout: 3_000 }));
  }

  /** Whether a question has come; between two of them the widget may be gone for a moment. */
  async #hasAsked(): Promise<boolean> {
    let hasAsked = false;
    await this.#until(async () => (hasAsked = (await this.#quickInput.count()) > 0));
    return hasAsked;
  }

  /** Whether the palette offers a command now: it hides the ones that are disabled. */
  async hasCommand(title: string): Promise<boolean> {
    await this.#filterPalette(title);
    await this.#until(async () => (await this.#row(title).count()) > 0 || (await this.#paletteHasSettled()));
    const found = (await this.#row(title).count()) > 0;
    await this.page.keyboard.press('Escape');
    await this.#quickInput.waitFor({ state: 'hidden' });
    return found;
  }

  /** Labels of the open quick pick, as far as they are in view. */
  async quickPickLabels(): Promise<string[]> {
    await this.#quickInput.waitFor();
    return (await this.#rows.locator('.quick-input-list-rows .label-name').allInnerTexts()).map(plain);
  }

  /** Chooses an item of the open quick pick by its label. */
  async choose(label: string): Promise<void> {
    await this.#quickInput.waitFor();
    await this.#input.fill(label);
    await this.#confirm(() => this.#row(label).first().click({ timeout: 5_000 }));
  }

  /** Types key by key into the question that is open, or about to be, and leaves it open. */
  async keys(text: string): Promise<void> {
    await this.#hasAsked();
    await this.#until(async () => (await this.#input.evaluateAll((fields) => fields.some((field) => 'value' in field && field.value === ''))));
    await this.#input.focus();
    await this.page.keyboard.type(text, { delay: 20 });
  }

  /** Types into the open input box and confirms. */
  async type(text: string): Promise<void> {
    await this.#quickInput.waitFor();
    await this.#input.fill(text);
    await this.#confirm(() => this.page.keyboard.press('Enter'));
  }

  /** Confirms the dialog of files when it is there and names `file`; `instead` is another file, by its path. */
  async confirmFile(file: string, instead?: string): Promise<void> {
    await this.#hasAsked();
    await this.eventually(() => this.#input.first().inputValue().catch(() => ''), (value) => value.includes(file));
    if (instead !== undefined) await this.#input.fill(instead);
    // It looks at what is there first, and takes no answer meanwhile.
    await this.page.waitForTimeout(1_000);
    await this.#confirm(() => this.page.keyboard.press('Enter'));
  }

  /** The innermost frame of the webview that has an element for `selector`. */
  async webview(selector: string): Promise<Frame> {
    let found: Frame | undefined;
    await this.#until(async () => {
      for (const frame of this.page.frames()) {
        // The inner frame of a webview is named so; the outer one only holds it.
        if (!frame.url().includes('/webview/browser/pre/fake.html')) continue;
        if ((await frame.locator(selector).count().catch(() => 0)) > 0) found = frame;
      }
      return found !== undefined;
    });
    if (found === undefined) throw new Error(`No webview shows an element for ${selector}.`);
    return found;
  }

  /** Shows a view container by the title it has in the activity bar. */
  async openView(title: string): Promise<void> {
    // Its label may go on with a keybinding in brackets.
    const icon = this.page.locator('.part.activitybar').getByLabel(new RegExp(`^${escaped(title)}( \\(|$)`)).first();
    await icon.waitFor();
    // A click on the one that is shown would hide it.
    const isShown = await icon.evaluate((element) => element.closest('.action-item.checked') !== null);
    if (!isShown) await icon.click();
  }

  /** Label and description of the rows of a tree view, top to bottom, as far as they are in view. Unfolds the view where it is folded. */
  async tree(title: string): Promise<string[]> {
    await this.#unfold(title);
    return this.#treeRows(title).evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('.label-name, .label-description')].map((part) => part.textContent.trim()).join(' ')),
    );
  }

  /** Clicks an inline action of a tree row, by the action's title. */
  async treeAction(title: string, row: string, action: string): Promise<void> {
    await this.#unfold(title);
    const target = this.#treeRows(title).filter({ hasText: row }).first();
    await target.hover();
    await target.getByRole('button', { name: action }).first().click();
  }

  /** Chooses a tree row, as a click on it does. */
  async chooseRow(title: string, row: string): Promise<void> {
    await this.#unfold(title);
    await this.#treeRows(title).filter({ hasText: row }).first().click();
  }

  /** Label and description of the rows of a tree view that are selected. */
  async chosenRows(title: string): Promise<string[]> {
    return this.#treeRows(title).and(this.page.locator('.selected')).evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('.label-name, .label-description')].map((part) => part.textContent.trim()).join(' ')),
    );
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.choose(path.basename(name));
    await this.page.locator(`.part.editor .tab[data-resource-name="${path.basename(name)}"]`).first().waitFor();
  }

  /** Titles of the open editors. */
  async tabs(): Promise<string[]> {
    const tabs = this.page.locator('.part.editor .tab');
    return tabs.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-label') ?? ''));
  }

  /** The lines of the active text editor that are in view. */
  async editorText(): Promise<string> {
    const lines = this.page.locator('.part.editor .editor-group-container.active .view-lines .view-line');
    const placed = await lines.evaluateAll((elements) =>
      elements.map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent })),
    );
    return placed
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => plain(text))
      .join('\n');
  }

  /** Text of the status bar's items, left to right. */
  async statusBar(): Promise<string[]> {
    return (await this.page.locator('.part.statusbar .statusbar-item').allInnerTexts()).map(plain).filter((text) => text !== '');
  }

  /** Waits for a notification that contains `text`, returns its whole text and closes it. */
  async notification(text: string): Promise<string> {
    const toast = this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
    await toast.waitFor();
    const message = plain(await toast.locator('.notification-list-item-message').innerText());
    await toast.hover();
    await toast.locator('.codicon-notifications-clear').first().click();
    return message;
  }

  /** Waits for a notification that contains `text`, and presses one of its buttons. */
  async answerNotification(text: string, button: string): Promise<void> {
    const toast = this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
    await toast.getByRole('button', { name: button }).click();
    await toast.waitFor({ state: 'detached' });
  }

  /** The rows of the Problems view, as far as they are in view; it must be open. */
  async problems(): Promise<string> {
    const rows = this.page.locator('.markers-panel .monaco-list-row');
    return (await rows.allInnerTexts()).map(plain).join('\n');
  }

  /**
   * Reads again and again until what is read is as it should be, and returns it; after the driver's patience it returns
   * the last reading all the same, for an assertion to show what was wrong.
   */
  async eventually<T>(read: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
    let value = await read();
    await this.#until(async () => {
      if (isRight(value)) return true;
      value = await read();
      return false;
    });
    return value;
  }

  async setTheme(theme: Theme): Promise<void> {
    const { label, mark } = themes[theme];
    await this.runCommand('Preferences: Color Theme', label);
    await this.page.locator(`.monaco-workbench.${mark}`).first().waitFor();
  }

  /** Writes artifacts/screenshots/NAME.png and returns its path. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(screenshotFolder, { recursive: true });
    const file = path.join(screenshotFolder, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Ends browser and server, with all their processes, and removes the profile. */
  async close(): Promise<void> {
    await this.#parts.browser.close();
    await this.#session.server.stop();
    rmSync(this.#parts.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #listen(): void {
    const { page } = this.#session;
    page.setDefaultTimeout(patience);
    this.#complaints.listen(page);
  }

  get #quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  get #input(): Locator {
    return this.#quickInput.locator('.quick-input-box input:visible');
  }

  get #rows(): Locator {
    return this.#quickInput.locator('.quick-input-list .monaco-list-row');
  }

  #row(label: string): Locator {
    return this.#rows.filter({ has: this.page.locator('.label-name', { hasText: exactly(label) }) });
  }

  /** A view's header, by the title it has in its container. */
  #viewHeader(title: string): Locator {
    return this.page.locator('.pane-header').and(this.page.getByLabel(`${title} Section`, { exact: true }));
  }

  async #unfold(title: string): Promise<void> {
    const header = this.#viewHeader(title);
    await header.waitFor();
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
  }

  #treeRows(title: string): Locator {
    return this.page.locator('.pane', { has: this.#viewHeader(title) }).locator('.monaco-list-row');
  }

  /** Opens the palette and types; a palette that opens while the page is still busy may lose keys, so the text is set. */
  async #filterPalette(title: string): Promise<void> {
    // A key that comes while the focus moves between frames goes nowhere; a person would press it again.
    for (let press = 1; press <= 3; press += 1) {
      await this.page.keyboard.press('F1');
      const isOpen = await this.#quickInput.waitFor({ timeout: patience / 3 }).then(() => true, () => false);
      if (isOpen) break;
    }
    await this.#input.fill(`>${title}`);
  }

  /** The palette has answered: it shows rows, or says that there are none, and does not change any more. */
  async #paletteHasSettled(): Promise<boolean> {
    const before = (await this.quickPickLabels()).join('\n');
    await this.page.waitForTimeout(700);
    return before !== '' && before === (await this.quickPickLabels()).join('\n');
  }

  /** Answers the question that follows a command: a list is chosen from, an input box typed into. */
  async #answer(answer: string, command: string): Promise<void> {
    if (!(await this.#hasAsked())) throw new TakenAway(`"${command}" asked nothing that "${answer}" could answer.`);
    if ((await this.#quickInput.locator('.quick-input-list:visible').count()) === 0) {
      await this.type(answer);
      return;
    }
    await this.#input.fill(answer);
    await this.#until(async () => (await this.#row(answer).count()) > 0);
    if ((await this.#row(answer).count()) === 0) {
      await this.#input.fill('');
      throw new Error(`"${command}" does not offer "${answer}"; it offers: ${(await this.quickPickLabels()).join(' | ')}.`);
    }
    await this.choose(answer);
  }

  /**
   * Confirms an answer, and waits until the question is gone: closed, or the next one in its place, whose field is empty.
   * Without this the answer to the next question could be given to this one a second time.
   */
  async #confirm(act: () => Promise<void>): Promise<void> {
    // Of an element that is gone there is nothing to wait for, as inputValue() would.
    const inField = () => this.#input.evaluateAll((fields) => fields.map((field) => ('value' in field ? field.value : undefined))[0]);
    const given = await inField();
    await act();
    await this.#until(async () => (await inField()) !== given);
  }

  /** Asks again and again until the answer is yes or patience ends; the caller looks at what came of it. */
  async #until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + patience;
    while (!(await condition()) && Date.now() < deadline) await this.page.waitForTimeout(50);
  }
}

/** Text as a person reads it: VS Code sets its lines with no-break spaces and marks. */
function plain(text: string): string {
  return text.replace(/[\u00a0\s]+/g, ' ').replace(/[\u200b\ue000-\uf8ff]/g, '').trim();
}

function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${escaped(text)}\\s*$`);
}

/** A pattern for this very text, whatever kind of space the page sets it with. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '\\s');
}
