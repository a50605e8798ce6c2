/**
 * The catalogue of everything that can go wrong where a person sees it. The number never changes its meaning, so that it
 * can be searched for; the text says what happened, `remedy` what to do.
 */
export const errorCatalogue = {
  // 1000: the network
  CL1001: { title: 'Port in use', remedy: 'Stop the program that holds the port, or give the phone another one.' },
  CL1002: { title: 'Not a loopback address', remedy: 'Use an address in 127.0.0.0/8 or ::1. Call Lab sends nothing beyond this machine.' },
  CL1003: { title: 'Socket failed', remedy: 'See the reason given; the call it belonged to has been ended.' },
  CL1004: { title: 'Nobody listens there', remedy: 'Check the port, and that the program you call is running.' },
  CL1005: { title: 'No TLS', remedy: 'Check that the other side speaks TLS there, and that this lab trusts its certificate.' },
  CL1006: { title: 'More than this phone takes', remedy: 'What was too much was dropped or refused; calls that are up go on.' },
  // 2000: SIP
  CL2001: { title: 'Malformed SIP message', remedy: 'The octets named could not be read as SIP; look at them in the trace.' },
  CL2002: { title: 'Not a SIP URI', remedy: 'Write the target as sip:user@host:port, or as the name of a phone of this lab.' },
  CL2003: { title: 'Malformed session description', remedy: 'The SDP line named could not be read.' },
  CL2004: { title: 'Malformed header', remedy: 'The header value named does not follow its grammar.' },
  CL2005: { title: 'No media in common', remedy: 'Offer audio in PCMU or PCMA over RTP/AVP.' },
  CL2006: { title: 'Response without a request', remedy: 'It came too late or was meant for somebody else, and nothing was done with it.' },
  CL2007: { title: 'REFER refused', remedy: 'Refer a call that is up, to somebody else, at an address this phone may call.' },
  CL2008: { title: 'No call to replace', remedy: 'Compare Replaces with the dialogs in the trace: swapped tags are the commonest cause.' },
  CL2009: { title: 'Request refused', remedy: 'The octets named say what the phone could not serve.' },
  CL2010: { title: 'Notification cannot be used', remedy: 'See the place named: what was told of the other phone was left as it was.' },
  CL2011: { title: 'Redirection not followed', remedy: 'Look at the Contacts of the response: they lead back, or ask for what a redirection may not.' },
  CL2012: { title: 'IAX2 frame dropped', remedy: 'The reason given says what was wrong with it, or what this side does not do; look at it in the trace.' },
  // 3000: the lab
  CL3001: { title: 'No such phone', remedy: 'Use one of the names listed.' },
  CL3002: { title: 'No call to act on', remedy: 'Place or answer a call first.' },
  CL3003: { title: 'Not possible in this state', remedy: 'Wait for the state named, or choose another verb.' },
  CL3004: { title: 'The call failed', remedy: 'The reason given came from the other side.' },
  CL3005: { title: 'The transfer failed', remedy: 'The first call was left as it was; see the ladder for the message that decided it.' },
  CL3006: { title: 'More than one call fits', remedy: 'Say which call you mean.' },
  CL3007: { title: 'The lab is not running', remedy: 'Start the lab first.' },
  CL3008: { title: 'Not a verb of the lab', remedy: 'Use one of the verbs listed.' },
  CL3009: { title: 'Not a telephone key', remedy: 'Use the keys 0-9, *, # and A-D.' },
  CL3010: { title: 'The registration failed', remedy: 'The reason came from the registrar: compare user name, password and domain with its own.' },
  CL3014: { title: 'The pick-up failed', remedy: 'The call was left as it was; the reason given is the answer to the INVITE with Replaces.' },
  CL3015: { title: 'Cannot be watched', remedy: 'The reason given came from the phone that was to be watched.' },
  // 4000: scenario files
  CL4001: { title: 'Scenario file cannot be read', remedy: 'Check the path and the permissions.' },
  CL4002: { title: 'Scenario file is wrong', remedy: 'Mend the line named.' },
  // 5000: captures
  CL5001: { title: 'Capture file cannot be read', remedy: 'Open a pcap or pcapng file, as tcpdump and Wireshark write them.' },
  CL5002: { title: 'Packet cannot be written to a capture', remedy: 'Leave out the packet named.' },
} as const satisfies Record<string, { readonly title: string; readonly remedy: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** An error meant for a person: a catalogue code, and what happened in one sentence that names the place. */
export class CallLabError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CallLabError';
    this.code = code;
  }

  /** What the person can do about it. */
  get remedy(): string {
    return errorCatalogue[this.code].remedy;
  }
}

/** The text of anything thrown, for a log or a message to a person. */
export function describeError(error: unknown): string {
  if (error instanceof CallLabError) return `${error.code}: ${error.message}`;
  if (error instanceof Error) return error.message;
  return String(error);
}
