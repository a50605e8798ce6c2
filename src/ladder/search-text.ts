import { describeData, describeElement } from '../iax';
import type { TraceMessage } from '../trace';

/** What a person may look for in a message besides its label: its octets as text, or what the elements of its frame say. */
export function searchText({ iax, bytes }: TraceMessage): string {
  if (iax === undefined) return new TextDecoder().decode(bytes);
  const elements = iax.elements.map((element) => `${element.title} ${describeElement(element)}`);
  return [iax.title, ...elements, describeData(iax)].join('\n');
}
