import * as vscode from 'vscode';
import type { PictureView } from '../../../webview/views/protocol';
import type { Clock, Milliseconds } from '../../core';
import { diagramPage, webviewOptions } from '../panel/diagram-panel';
import { readFromDiagram } from '../panel/from-diagram';
import { say } from '../say';

/** A ladder of thousands of rows takes Mermaid seconds; a page that says nothing for so long never will. */
const patience: Milliseconds = 120_000;

/** What drawing a picture needs. */
export interface PictureParts {
  readonly clock: Clock;
  readonly extensionUri: vscode.Uri;
}

/**
 * A diagram as SVG or PNG, drawn by Mermaid as it comes in a page of its own, which is seen while it works and is gone
 * afterwards. Rejects when the page cannot draw it, is closed or the person cancels.
 */
export function drawPicture({ clock, extensionUri }: PictureParts, picture: Pick<PictureView, 'diagram' | 'format'>, cancel: vscode.CancellationToken): Promise<Uint8Array> {
  const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
  const panel = vscode.window.createWebviewPanel('callLab.picture', say('Picture'), place, webviewOptions(extensionUri));
  const drawn = new Promise<Uint8Array>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(why));
    const timer = clock.setTimer(patience, () => fail(say('The picture took too long.')));
    const held = vscode.Disposable.from(
      cancel.onCancellationRequested(() => fail(say('The picture was cancelled.'))),
      panel.onDidDispose(() => {
        timer.dispose();
        held.dispose();
        fail(say('The page of the picture was closed.'));
      }),
      panel.webview.onDidReceiveMessage((message: unknown) => {
        const read = readFromDiagram(message);
        if (read?.type === 'ready') void panel.webview.postMessage({ type: 'view', view: { kind: 'picture', welcome: say('Drawing the picture ...'), ...picture } });
        else if (read?.type === 'picture') resolve(picture.format === 'svg' ? new TextEncoder().encode(read.data) : Buffer.from(read.data, 'base64'));
        else if (read?.type === 'trouble') fail(read.text);
      }),
    );
    panel.webview.html = diagramPage(panel.webview, extensionUri, { kind: 'picture', transfer: '', source: '' });
  });
  return drawn.finally(() => {
    panel.dispose();
  });
}
