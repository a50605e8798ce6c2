import { type Browser, chromium, type Page } from 'playwright-core';

/**
 * What the web host says in every run: native modules and files that an installation without install scripts lacks, and
 * the network that is not there. None of it concerns an extension.
 */
const harmless: readonly RegExp[] = [
  // When the page is loaded again: on the web nothing can be awaited then, and the last lines of its log find no place.
  /\[lifecycle\] Long running operations during shutdown are unsupported in the web/,
  /Unable to write file 'vscode-log:[^']*' \(Error: IndexedDB database '[\w-]+' is closed/,
  /Could not locate the bindings file/,
  /Cannot find module '.\/build\/Release\/watchdog'/,
  /spdlog|vsda|telemetry/i,
  // The chat that VS Code brings along waits for a sign-in that nobody offers.
  /Timed out waiting for authentication provider/,
  /favicon|update\/check|serviceWorker\.js|bad HTTP response code \(404\)/i,
  /\[Service Worker\] registration/,
  /open-vsx|gallery|marketplace/i,
  /ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED|ENOTFOUND/,
  // An in-host suite that ends takes the extension host with it: VS Code's own calls under way just then are cancelled.
  /Canceled: Canceled\n[^]*\b_doStopExtensionHosts\b/,
];

/** What pages have complained of, in their consoles and by errors that nobody caught, but for what is harmless. */
export class Complaints {
  readonly #texts: string[] = [];

  /** So far, the oldest first, each with the place it came from. */
  get texts(): readonly string[] {
    return [...this.#texts];
  }

  listen(page: Page): void {
    page.on('console', (message) => {
      if (message.type() === 'error') this.#add(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.#add(error.stack ?? error.message));
  }

  #add(text: string): void {
    if (!harmless.some((pattern) => pattern.test(text))) this.#texts.push(text);
  }
}

export function launchBrowser(executablePath: string): Promise<Browser> {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({
    executablePath,
    args: [
      ...asRoot,
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    // Ours end the server as well (scripts/lib/processes.mjs); the browser then goes with this process.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
