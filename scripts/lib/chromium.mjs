import os from 'node:os';
import path from 'node:path';
import { findCommand, isExecutable } from './processes.mjs';

const commands = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge', 'msedge'];

/** The installed Chromium or one of its relatives, or undefined. `CALL_LAB_CHROMIUM` names another one. */
export function findChromium() {
  const named = process.env['CALL_LAB_CHROMIUM'];
  if (named !== undefined && named !== '') return isExecutable(named) ? named : undefined;
  for (const command of commands) {
    const file = findCommand(command);
    if (file !== undefined) return file;
  }
  return applications().find(isExecutable);
}

/** Where installers put it without a command on the search path. @returns {string[]} */
function applications() {
  if (process.platform === 'darwin') {
    return ['/Applications', path.join(os.homedir(), 'Applications')].flatMap((folder) => [
      `${folder}/Google Chrome.app/Contents/MacOS/Google Chrome`,
      `${folder}/Chromium.app/Contents/MacOS/Chromium`,
    ]);
  }
  if (process.platform === 'win32') {
    return [process.env['ProgramFiles'], process.env['ProgramFiles(x86)'], process.env['LOCALAPPDATA']].flatMap((folder) =>
      folder === undefined ? [] : [`${folder}\\Google\\Chrome\\Application\\chrome.exe`, `${folder}\\Microsoft\\Edge\\Application\\msedge.exe`],
    );
  }
  return [];
}
