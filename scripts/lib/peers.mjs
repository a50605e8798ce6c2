/**
 * Programs of others that tests use: real SIP peers, judges of what we write, and a browser. `package` is the Debian
 * package; `elsewhere` says how to get the program on other systems.
 *
 * @typedef {{ readonly package: string, readonly use: string, readonly elsewhere: string }} Peer
 */
export const peers = /** @satisfies {Record<string, Peer>} */ ({
  sipp: { package: 'sip-tester', use: 'a SIP caller and callee', elsewhere: 'brew install sipp' },
  baresip: { package: 'baresip-core', use: 'a SIP phone that transfers', elsewhere: 'brew install baresip' },
  'linphone-daemon': { package: 'linphone-cli', use: 'a SIP phone that transfers', elsewhere: 'build liblinphone with its daemon' },
  kamailio: { package: 'kamailio', use: 'a SIP proxy and registrar', elsewhere: 'build it from kamailio.org' },
  sipsak: { package: 'sipsak', use: 'a prober of SIP elements', elsewhere: 'brew install sipsak' },
  iaxmodem: { package: 'iaxmodem', use: 'an IAX2 client made of libiax2', elsewhere: 'build it from sourceforge.net/projects/iaxmodem (Linux only)' },
  // One package has all four; the tests run them by these names.
  svmap: { package: 'sipvicious', use: 'a scanner of SIP elements', elsewhere: 'pip install sipvicious' },
  tshark: { package: 'tshark', use: 'the judge of exported captures', elsewhere: 'brew install wireshark' },
  chromium: { package: 'chromium', use: 'the browser that shows VS Code to the host tests', elsewhere: 'install Chrome or Chromium, or set CALL_LAB_CHROMIUM' },
});

/** @typedef {keyof typeof peers} PeerName */
