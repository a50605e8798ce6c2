/**
 * The defects of real phones that a phone of the lab can be given, one for each failure of the field, and what a phone
 * with that defect does. T15 is one of a server that hides the topology; a phone with it sits behind such a server.
 */
export const defectCatalogue = {
  T1: 'Sends the REFER without waiting for the answer to its hold.',
  T2: 'Writes Refer-To without angle brackets, and no Referred-By.',
  T3: 'Names the call to be transferred in Replaces, and not the consultation call.',
  T4: 'Exchanges the tags in the Replaces of an attended transfer.',
  T5: 'Hangs up as soon as a REFER is accepted and refuses the news; and gives the new call up when its own news is refused.',
  T6: 'Gives the new call up when the one who transfers hangs up.',
  T7: 'Hangs up when the target rings, and refuses the news that come after that.',
  T8: 'Hangs up as soon as a REFER is accepted, whatever comes of it.',
  T9: 'Does not repeat a REFER that was challenged.',
  T10: 'Calls an INVITE with Replaces malformed.',
  T11: 'Says that it supports Replaces, and refuses an INVITE that requires it.',
  T12: 'Writes the Referred-By of the first transfer it took part in into its own.',
  T13: 'Transfers everybody to themselves.',
  T14: 'Cannot cope with a REFER that has Refer-Sub: false or no Referred-By.',
  T15: 'Has the Call-IDs of its calls changed by a server in the way, which leaves the Replaces in Refer-To alone.',
  T16: 'Offers a new call as if it were the held one: inactive.',
  T17: 'Does what a REFER says, whoever sends it.',
  T18: 'Sends its REFER outside of the call.',
  T19: 'Never tells how a transfer goes, and hangs up instead.',
  T20: 'Calls in the name of the one who transfers.',
} as const;

export type DefectId = keyof typeof defectCatalogue;

export const defectIds = Object.keys(defectCatalogue) as readonly DefectId[];
