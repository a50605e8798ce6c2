import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Linter } from 'eslint';
import typescript from 'typescript-eslint';
import { houseRules } from '../../../scripts/lint/index.mjs';

const root = path.resolve(__dirname, '../../..');

/** The ids of what the two house rules say about `code`, were it the file at `file` (relative to the repository). */
function lint(file: string, code: string): readonly string[] {
  const messages = new Linter({ cwd: root }).verify(
    code,
    {
      files: ['**/*.ts'],
      languageOptions: { parser: typescript.parser },
      plugins: { 'call-lab': houseRules },
      rules: { 'call-lab/import-order': 'error', 'call-lab/injected': 'error' },
    },
    { filename: path.join(root, file) },
  );
  return messages.map((message) => message.messageId ?? message.message);
}

function allows(file: string, ...lines: readonly string[]): void {
  for (const line of lines) assert.deepEqual(lint(file, line), [], `${file}: ${line}`);
}

function forbids(messageId: string, file: string, ...lines: readonly string[]): void {
  for (const line of lines) assert.deepEqual(lint(file, line), [messageId], `${file}: ${line}`);
}

describe('import order', () => {
  it('lets every folder import from the folders before it', () => {
    allows('src/sip/dialog/dialog.ts', "import { Emitter } from '../../core';", "import { Emitter } from '../../core/index';");
    allows('src/trace/calls.ts', "import { parseMessage } from '../sip';", "import { Emitter } from '../core';");
    allows('src/ladder/rows.ts', "import type { Journal } from '../trace';");
    allows('src/export/to-html.ts', "import { writeOctets } from '../capture';", "import { draw } from '../ladder';");
    allows('src/lab/lab.ts', "import { write } from '../capture';", "import { draw } from '../ladder';", "import { bind } from '../net';");
    allows('src/vscode/panel.ts', "import { Lab } from '../lab';", "import { run } from '../scenario';");
    allows('src/cli/main.ts', "import { run } from '../scenario';");
    allows('src/extension.ts', "import { activateCallLab } from './vscode';", "import { Lab } from './lab';");
  });

  it('forbids imports against the order, in every form an import has', () => {
    forbids(
      'upwards',
      'src/sip/dialog/dialog.ts',
      "import { Journal } from '../../trace';",
      "import type { Journal } from '../../trace';",
      "import { type Journal } from '../../trace';",
      "import '../../trace';",
      "export { Journal } from '../../trace';",
      "export * from '../../trace';",
      "export type { Journal } from '../../trace';",
      "const trace = await import('../../trace');",
      "const trace = require('../../trace');",
      "import trace = require('../../trace');",
      "let journal: import('../../trace').Journal;",
    );
    forbids('upwards', 'src/core/clock.ts', "import { x } from '../sip';");
    forbids('upwards', 'src/ladder/build.ts', "import { x } from '../export';");
    forbids('upwards', 'src/trace/journal.ts', "import { x } from '../ladder';");
    forbids('upwards', 'src/lab/lab.ts', "import { x } from '../scenario';");
    forbids('upwards', 'src/scenario/runner.ts', "import { x } from '../cli';");
    forbids('upwards', 'src/vscode/panel.ts', "import { activate } from '../extension';");
  });

  it('forbids imports between folders of one rank', () => {
    forbids('sideways', 'src/sip/index.ts', "import { x } from '../media';", "import type { x } from '../net';");
    forbids('sideways', 'src/capture/pcap.ts', "import { x } from '../ladder';");
    forbids('sideways', 'src/cli/main.ts', "import { x } from '../vscode';");
  });

  it("forbids reaching past another folder's index, and importing the own one", () => {
    forbids('deep', 'src/trace/calls.ts', "import { x } from '../sip/message';", "import { x } from '../core/clock';");
    allows('src/sip/dialog/dialog.ts', "import { x } from '../message';", "import { x } from './route-set';", "import { x } from '../message/header';");
    forbids('ownIndex', 'src/sip/dialog/dialog.ts', "import { x } from '..';", "import { x } from '../index';", "import { x } from '../../sip';");
  });

  it('asks for a place in the order for every folder', () => {
    forbids('unknownFolder', 'src/util/text.ts', "import { x } from '../core';");
    forbids('unknownFolder', 'src/lab/lab.ts', "import { x } from '../util';");
  });

  it('keeps the editor out of the engine', () => {
    forbids('vscode', 'src/lab/lab.ts', "import * as vscode from 'vscode';", "import type { Uri } from 'vscode';");
    forbids('vscode', 'src/cli/main.ts', "import * as vscode from 'vscode';");
    forbids('vscode', 'webview/main.ts', "import type { Uri } from 'vscode';");
    allows('src/vscode/panel.ts', "import * as vscode from 'vscode';");
    allows('src/extension.ts', "import * as vscode from 'vscode';");
    allows('test/host/suite/activation.ts', "import * as vscode from 'vscode';");
  });

  it('keeps the archived toolkit in one browser module', () => {
    forbids('toolkit', 'webview/main.ts', "import { vsCodeButton } from '@vscode/webview-ui-toolkit';");
    forbids('toolkit', 'src/vscode/panel.ts', "import '@vscode/webview-ui-toolkit/dist/button';");
    allows('webview/toolkit.ts', "import { vsCodeButton } from '@vscode/webview-ui-toolkit';");
  });

  it('separates the browser half from the engine', () => {
    allows('webview/main.ts', "import type { Ladder } from '../src/ladder';", "import { x } from './rows';", "import { escapeMermaid } from '../src/ladder/escape';");
    forbids('webviewValue', 'webview/main.ts', "import { draw } from '../src/ladder';", "import { draw, type Ladder } from '../src/ladder';");
    forbids('deep', 'webview/main.ts', "import type { Ladder } from '../src/ladder/rows';");
    allows('src/vscode/panel.ts', "import type { ToPanel } from '../../webview/protocol';", "import type { ToDiagram } from '../../webview/views/protocol';");
    forbids('outsideSrc', 'src/vscode/panel.ts', "import { x } from '../../webview/protocol';", "import type { x } from '../../webview/main';");
    forbids('outsideSrc', 'src/lab/lab.ts', "import type { x } from '../../webview/protocol';", "import { x } from '../../test/support';");
    allows('src/cli/main.ts', "import manifest from '../../package.json';");
  });

  it('leaves sockets to net and keeps protocol code inside the process', () => {
    forbids('sockets', 'src/lab/lab.ts', "import { createServer } from 'node:net';", "import net from 'net';", "import * as dgram from 'node:dgram';");
    forbids('sockets', 'src/sip/uri.ts', "import { isIP, Socket } from 'node:net';");
    allows('src/sip/uri.ts', "import { isIP } from 'node:net';", "import type { Socket } from 'node:net';", "import { createHash } from 'node:crypto';");
    allows('src/net/udp.ts', "import { createSocket } from 'node:dgram';");
    forbids('outside', 'src/trace/journal.ts', "import { readFileSync } from 'node:fs';", "import { hostname } from 'os';");
    allows('src/scenario/load.ts', "import { readFile } from 'node:fs/promises';");
  });
});

describe('injected time and chance', () => {
  it("forbids the machine's clock and chance in the engine", () => {
    for (const folder of ['sip', 'iax', 'tapi', 'media', 'trace', 'ladder', 'lab', 'scenario']) {
      forbids('injected', `src/${folder}/x.ts`, 'const now = Date.now();', 'const chance = Math.random();', 'setTimeout(() => {}, 1);');
    }
    forbids(
      'injected',
      'src/lab/lab.ts',
      'setInterval(() => {}, 1);',
      'const later = setImmediate;',
      'globalThis.setTimeout(() => {}, 1);',
      'const now = globalThis.Date.now();',
      'const now = performance.now();',
      'const now = new Date();',
      'const now = Date();',
      'const id = crypto.randomUUID();',
      'const clock = { setTimeout };',
      "import { setTimeout as wait } from 'node:timers/promises';",
      "import { performance } from 'perf_hooks';",
      "import { randomBytes } from 'node:crypto';",
    );
  });

  it('allows what is passed in, what only bears the name, and every other folder', () => {
    allows(
      'src/sip/x.ts',
      'clock.setTimeout(1);',
      'const value = { setTimeout: 1 };',
      'class Clock { setTimeout(): void {} }',
      'function wait(setTimeout: () => void): void { setTimeout(); }',
      'const at = new Date(0);',
      "import { createHash } from 'node:crypto';",
    );
    allows('src/core/clock.ts', 'setTimeout(() => {}, 1);', 'const now = performance.now();', "import { randomBytes } from 'node:crypto';");
    allows('src/net/tcp.ts', 'setTimeout(() => {}, 1);');
    allows('test/unit/x.test.ts', 'const now = Date.now();');
  });
});
