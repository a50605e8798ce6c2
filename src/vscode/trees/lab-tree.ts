import * as vscode from 'vscode';

/** A tree of the lab: what its rows are is told by functions of the lab's state; `refresh` reads it again. */
export class LabTree<Node> implements vscode.TreeDataProvider<Node> {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #roots: () => readonly Node[];
  readonly #children: (node: Node) => readonly Node[];
  readonly #item: (node: Node) => vscode.TreeItem;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(options: {
    readonly roots: () => readonly Node[];
    readonly children?: (node: Node) => readonly Node[];
    readonly item: (node: Node) => vscode.TreeItem;
  }) {
    this.#roots = options.roots;
    this.#children = options.children ?? (() => []);
    this.#item = options.item;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return this.#item(node);
  }

  getChildren(node?: Node): Node[] {
    return [...(node === undefined ? this.#roots() : this.#children(node))];
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
