import type { BindingInfo, Lab, ServerInfo } from '../../lab';

/** A server of the lab; `uri` is what "Copy URI" takes. */
export interface ServerNode {
  readonly kind: 'server';
  readonly server: string;
  readonly uri: string;
  readonly info: ServerInfo;
  readonly bindings: readonly BindingNode[];
}

/** Who is registered at a server, and where. */
export interface BindingNode {
  readonly kind: 'binding';
  readonly server: string;
  /** The address of record. */
  readonly uri: string;
  readonly info: BindingInfo;
  /** Wall-clock time of its end. */
  readonly until: Date;
}

export function serverNodes({ servers, journal }: { readonly servers: readonly ServerInfo[]; readonly journal: Pick<Lab['journal'], 'wallClock'> }): readonly ServerNode[] {
  return servers.map((info) => ({
    kind: 'server',
    server: info.name,
    uri: info.uri,
    info,
    bindings: info.bindings.map((binding) => ({
      kind: 'binding',
      server: info.name,
      uri: binding.addressOfRecord,
      info: binding,
      until: journal.wallClock(binding.until),
    })),
  }));
}
