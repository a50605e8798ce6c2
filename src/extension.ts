/** Called by VS Code when the extension is first needed. */
export function activate(): void {}

/** Called by VS Code before the extension host ends. */
export function deactivate(): void {}
