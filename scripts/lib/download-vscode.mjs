/**
 * Downloads a desktop VS Code into the folder given and prints `program PATH`, and a line for every sign of progress. A
 * process of its own, because a download that hangs can only be ended from outside.
 */
import { downloadAndUnzipVSCode } from '@vscode/test-electron';

downloadAndUnzipVSCode({
  version: 'stable',
  cachePath: String(process.argv[2]),
  timeout: 8000,
  reporter: { report: () => console.log('progress'), error: () => console.log('progress') },
}).then(
  (program) => console.log(`program ${program}`),
  () => {
    process.exitCode = 1;
  },
);
