import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { findChromium } from '../../../scripts/lib/chromium.mjs';
import type { FromPanel, ToPanel } from '../../../webview/protocol';
import type { ToDiagram } from '../../../webview/views/protocol';
import { page as pageHtml } from '../../../src/vscode/panel/page';
import { repositoryRoot } from '../repository-root';
import { themes, type ThemeName } from './themes';

const root = repositoryRoot();

export interface PanelPageOptions<Message = FromPanel> {
  readonly theme?: ThemeName;
  readonly size?: { readonly width: number; readonly height: number };
  /** What the panel says, as it says it. */
  readonly onMessage: (message: Message) => void;
  /** Another page than the ladder's: its program, and what its body tells it. */
  readonly entry?: { readonly name: string; readonly data: Readonly<Record<string, string>> };
  /** More to serve, by path: `/plain.html`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Run in the page before anything else. */
  readonly init?: string;
}

/**
 * The panel's real page in the system's Chromium, without an editor around it: built from the sources, under the real
 * content security policy. What the editor does (messages, theme variables) comes through a WebSocket.
 */
export class PanelPage {
  readonly page: Page;
  readonly url: string;
  readonly errors: string[] = [];
  readonly #browser: Browser;
  readonly #server: http.Server;
  readonly #sockets: WebSocketServer;
  readonly #folder: string;

  private constructor(parts: { page: Page; url: string; browser: Browser; server: http.Server; sockets: WebSocketServer; folder: string }) {
    this.page = parts.page;
    this.url = parts.url;
    this.#browser = parts.browser;
    this.#server = parts.server;
    this.#sockets = parts.sockets;
    this.#folder = parts.folder;
    parts.page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
    parts.page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  static async open<Message = FromPanel>(options: PanelPageOptions<Message>): Promise<PanelPage> {
    const executablePath = findChromium();
    if (executablePath === undefined) throw new Error('No Chromium is installed: run "npm run setup", or set CALL_LAB_CHROMIUM.');
    const folder = mkdtempSync(path.join(os.tmpdir(), 'call-lab-panel-'));
    await buildWebview(folder);
    const server = http.createServer((request, response) => serve(folder, options, request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => options.onMessage(JSON.parse(data.toString()) as Message));
    });
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const browser = await chromium.launch({ executablePath, args: [...asRoot, '--disable-gpu', '--enable-precise-memory-info', '--js-flags=--expose-gc'] });
    const page = await browser.newPage({ viewport: options.size ?? { width: 1000, height: 800 } });
    if (options.init !== undefined) await page.addInitScript(options.init);
    await page.addInitScript(shim);
    const { port } = server.address() as AddressInfo;
    return new PanelPage({ page, url: `http://127.0.0.1:${port}`, browser, server, sockets, folder });
  }

  /** Loads the page, anew if it is there already. */
  async load(): Promise<void> {
    await this.page.goto(`${this.url}/`);
  }

  post(message: ToPanel | ToDiagram): void {
    const text = JSON.stringify(message);
    for (const socket of this.#sockets.clients) socket.send(text);
  }

  /** Waits until an expression is true in the page. Playwright's own way needs `eval`, which the page's policy forbids. */
  async until(expression: string): Promise<void> {
    const limit = performance.now() + 30_000;
    while ((await this.page.evaluate(`!!(${expression})`)) !== true) {
      if (performance.now() > limit) throw new Error(`It never came true: ${expression}`);
      await this.page.waitForTimeout(20);
    }
  }

  async setTheme(name: ThemeName): Promise<void> {
    const { bodyClass, variables } = themes[name];
    await this.page.evaluate(`
      document.documentElement.style.cssText = ${JSON.stringify(styleText(variables))};
      document.body.className = ${JSON.stringify(bodyClass)};`);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What VS Code gives a page: here, messages go over a WebSocket, and the state stays in the page's session. */
const shim = `
  window.acquireVsCodeApi = () => {
    const waiting = [];
    const socket = new WebSocket(location.origin.replace('http', 'ws'));
    socket.onopen = () => { for (const text of waiting.splice(0)) socket.send(text); };
    socket.onmessage = (event) => window.postMessage(JSON.parse(event.data), '*');
    return {
      postMessage: (message) => {
        const text = JSON.stringify(message);
        if (socket.readyState === 1) socket.send(text); else waiting.push(text);
      },
      getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
      setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
    };
  };`;

async function buildWebview(folder: string): Promise<void> {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['webview/main.ts', 'webview/views/main.ts'],
    outdir: folder,
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    assetNames: 'assets/[name]',
    loader: { '.ttf': 'file', '.svg': 'text' },
    logLevel: 'error',
  });
}

const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf', '.html': 'text/html' };

function serve(folder: string, options: Pick<PanelPageOptions, 'files' | 'entry' | 'theme'>, request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = (request.url ?? '/').split('?')[0] ?? '/';
  const given = options.files?.[url];
  if (given !== undefined) {
    response.setHeader('content-type', types[path.extname(url)] ?? 'text/plain');
    response.end(given);
    return;
  }
  if (url === '/') {
    response.setHeader('content-type', 'text/html');
    response.end(html(options.theme ?? 'dark', options.entry ?? { name: 'main', data: {} }));
    return;
  }
  const file = path.join(folder, path.normalize(url));
  if (!file.startsWith(folder) || !existsSync(file)) {
    response.statusCode = 404;
    response.end();
    return;
  }
  response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream');
  response.end(readFileSync(file));
}

/** The real page; the editor's part of it (variables, the body's class, the way to the WebSocket) is added. */
function html(theme: ThemeName, { name, data }: NonNullable<PanelPageOptions['entry']>): string {
  const { bodyClass, variables } = themes[theme];
  return pageHtml({ script: `/${name}.js`, style: `/${name}.css`, source: "'self'", nonce: 'test', follow: true, texts: {}, data, makesImages: data['kind'] === 'picture' })
    .replace('&#39;none&#39;', "&#39;none&#39;; connect-src ws:")
    .replace('<html lang="en">', `<html lang="en" style="${styleText(variables).replaceAll('"', '&quot;')}">`)
    .replace('<body ', `<body class="${bodyClass}" style="margin:0" `);
}

function styleText(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `--vscode-${name}:${value}`)
    .join(';');
}
