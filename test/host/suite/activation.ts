import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { HostTests } from '../suite-runner';

/** What must hold wherever the extension came from; CALL_LAB_EXPECTED_PATH is part of the path it must come from. */
export const tests: HostTests = {
  'the extension is known under its id, from where it was put': () => {
    const extension = vscode.extensions.getExtension('call-lab.call-lab');
    assert.ok(extension, 'call-lab.call-lab is not there');
    const expected = process.env['CALL_LAB_EXPECTED_PATH'] ?? '';
    assert.notEqual(expected, '');
    assert.ok(extension.extensionPath.startsWith(expected), `${extension.extensionPath} is not in ${expected}`);
  },
  'it activates': async () => {
    const extension = vscode.extensions.getExtension('call-lab.call-lab');
    await extension?.activate();
    assert.equal(extension?.isActive, true);
  },
  'what npm start hands over in the environment arrives': () => {
    assert.equal(process.env['CALL_LAB_SCENARIO'], '/scenarios/of the test.yaml');
  },
};
