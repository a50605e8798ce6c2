import type { Search } from './search';

/** The keys of a search, as in the editor: Ctrl+F (or `/`) begins it, F3 goes on, Escape ends it; while there is something to search. */
export function listenForSearch(search: Search, canSearch: () => boolean): void {
  document.addEventListener('keydown', (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey, target } = event;
    const isPlain = !ctrlKey && !metaKey && !altKey;
    const begins = (key === 'f' && (ctrlKey || metaKey) && !altKey && !shiftKey) || (key === '/' && isPlain && !isTypedInto(target));
    if (!canSearch()) return;
    if (begins) search.open();
    else if (key === 'F3' && isPlain) search.step(shiftKey ? -1 : 1);
    else if (key === 'Escape' && isPlain && search.text !== undefined) search.close();
    else return;
    event.preventDefault();
  });
}

function isTypedInto(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.tagName === 'INPUT' || target.tagName === 'VSCODE-TEXT-FIELD');
}
