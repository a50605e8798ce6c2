/** What `call-lab --help` prints. */
export const usage = `call-lab: place, hold and transfer SIP calls between phones of this machine

  call-lab run FILE... [options]      play scenarios (*.calllab.yaml); exit 0 when every expectation holds,
                                      1 when one does not, 2 for a file or an argument that is wrong
    --json                            print a list of reports, one for each run
    --mmd OUT, --md OUT, --html OUT   write the ladder as a Mermaid diagram, in Markdown, as a page of its own (secrets masked)
    --pcap OUT, --trace OUT           write what was on the wire as a capture (pcap, or pcapng if OUT ends so) or as a
                                      readable trace; of several runs OUT gets the file's name and the seed: out.pcap
                                      becomes out-blind-transfer-7.pcap
    --seed N | --seed A..B            run on a simulated network under a virtual clock, once for each seed; the same
                                      seed always gives the same packets at the same times
    --loss P                          simulated, and of the datagrams the part P (0 to 1) is lost, but of one that is sent
                                      again and again no more than three copies; seed 1 unless given
    --duplicate P, --reorder P        likewise, for datagrams that arrive twice or late

  call-lab export FILE [options]      draw a capture (pcap, pcapng) or a trace (*.siptrace); secrets are masked
    --mmd OUT, --md OUT, --html OUT   where to; without any of them the diagram goes to standard output
    --diagram ladder|map|transfer     of --mmd: the ladder (unless given), who is connected at the end, or the state
                                      machine of the newest transfer
    --call ID, --transfer ID          only one call (c1, c2 ...) or one transfer (x1, x2 ...) with all of its calls

  call-lab serve [FILE] [options]     start the phones of a scenario file (or alice, bob and charlie), read verbs from
                                      standard input and print what happens, until the input ends or SIGINT
                                        alice place bob                    bob hold
                                        alice place sip:echo@127.0.0.2     bob transfer alice to charlie
    --keep N                          messages kept in memory, the newest (20000 unless given, 1000 at least)

  call-lab --help | --version
`;
