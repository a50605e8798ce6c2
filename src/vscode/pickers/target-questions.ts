import type { VerbName } from '../../lab';

/** What a target is asked for with, where a verb has one. */
export const targetQuestions: Readonly<Partial<Record<VerbName, string>>> = {
  place: 'Whom to call? A phone of the lab, or type any SIP URI on this machine',
  consult: 'Whom to consult? A phone of the lab, or type any SIP URI on this machine',
  redirect: 'Where shall the caller go? Phones of the lab or SIP URIs; with several: charlie dave, or +',
  transfer: 'To whom? A phone of the lab, or type a SIP URI',
  watch: 'Whom to watch? A phone of the lab, or type a SIP URI',
  'attended-transfer': 'To whom, after consulting them? A phone of the lab, or type a SIP URI',
  'blonde-transfer': 'To whom, while they still ring? A phone of the lab, or type a SIP URI',
};
