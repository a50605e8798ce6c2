import assert from 'node:assert/strict';
import mermaid from 'mermaid';

/** A sequence diagram as Mermaid itself has understood it. */
export interface Understood {
  readonly actors: readonly (readonly [id: string, name: string])[];
  /** Arrows and notes, in order. */
  readonly signals: readonly { readonly from: string; readonly to: string; readonly text: string }[];
}

interface SequenceDatabase {
  getActors(): Map<string, { readonly name: string; readonly description: string }>;
  getMessages(): readonly { readonly from: string; readonly to: string; readonly message: string }[];
}

/** Lets the real parser read a diagram; throws what it throws. */
export async function understand(text: string): Promise<Understood> {
  const parsed = await mermaid.parse(text);
  assert.equal(parsed.diagramType, 'sequence');
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- `parse` says only that it parses, not what it has understood
  const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
  const database = diagram.db as unknown as SequenceDatabase;
  return {
    actors: [...database.getActors().values()].map(({ name, description }) => [name, decode(description)] as const),
    signals: database.getMessages().map(({ from, to, message }) => ({ from, to, text: decode(message) })),
  };
}

/** What a person reads: Mermaid keeps an entity as a placeholder and lets the browser decode it. */
export function decode(text: string): string {
  return text
    .replace(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/ﬂ°(lt|gt|amp|quot)¶ß/g, (_, name: string) => ({ lt: '<', gt: '>', amp: '&', quot: '"' })[name] ?? '');
}
