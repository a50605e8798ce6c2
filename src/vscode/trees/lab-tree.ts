import * as vscode from 'vscode';

/** A tree of the lab: what its rows are is told by functions of the lab's state; `refresh` reads it again. */
export class LabTree<Node> implements vscode.TreeDataProvider<Node> {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #roots: () => readonly Node[];
  readonly #children: (node: Node) => readonly Node[];
  readonly #parent: (node: Node) => Node | undefined;
  readonly #item: (node: Node) => vscode.TreeItem;
  #shown = '';
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(options: {
    readonly roots: () => readonly Node[];
    readonly children?: (node: Node) => readonly Node[];
    /** Of a row that is to be revealed; needed where rows that have others above them are. */
    readonly parent?: (node: Node) => Node | undefined;
    readonly item: (node: Node) => vscode.TreeItem;
  }) {
    this.#roots = options.roots;
    this.#children = options.children ?? (() => []);
    this.#parent = options.parent ?? (() => undefined);
    this.#item = options.item;
  }

  /** Reads the rows again if any of them has changed: the editor shows its pains when it has to ask for nothing. */
  refresh(): void {
    const next = JSON.stringify(this.#picture(this.#roots()));
    if (next === this.#shown) return;
    this.#shown = next;
    this.#changed.fire(undefined);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return this.#item(node);
  }

  getChildren(node?: Node): Node[] {
    return [...(node === undefined ? this.#roots() : this.#children(node))];
  }

  getParent(node: Node): Node | undefined {
    return this.#parent(node);
  }

  /** All that can be seen of rows and of those below them. */
  #picture(nodes: readonly Node[]): unknown {
    return nodes.map((node) => [this.#item(node), this.#picture(this.#children(node))]);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
