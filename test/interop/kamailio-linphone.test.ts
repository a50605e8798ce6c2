import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { requirePeer } from '../support/peers';
import { type Between, between, finish, password } from './support/between';
import { Linphone } from './support/linphone';
import { loopbackAddress } from './support/ports';
import { hears, linphoneConsultsAndTransfers, roles, talk } from './support/transfers';

const answering = { kind: 'answer', after: 100 } as const;
const peer = requirePeer('kamailio', 'linphone-daemon');

/**
 * linphone and two phones, all registered with Kamailio, which is at port 5060: linphone knows the target of its attended
 * transfer by the address of record alone. Kamailio gives it a GRUU, by which it is called inside its dialogs.
 */
async function registered(context: TestContext, name: string, answers = false): Promise<Between & { readonly linphone: Linphone }> {
  const phones = ['alice', 'bob'].map((phone) => ({ name: phone, behaviour: answering }));
  const both = await between(context, name, phones, { host: loopbackAddress(), strangers: ['linphone'] });
  const linphone = await Linphone.start(both.run, { answers });
  await linphone.command(`register ${both.kamailio.uriOf('linphone')} ${both.kamailio.uri} ${password}`);
  await both.kamailio.until('registered linphone');
  return { ...both, linphone };
}

test('linphone transfers a phone blindly, with Kamailio between all', peer, async (context) => {
  const { run, kamailio, linphone } = await registered(context, 'kamailio-linphone-transferor-blind');

  const call = await linphone.call(kamailio.uriOf('alice'));
  await hears(run, 'alice', linphone, call);
  await linphone.command(`call-transfer ${call} ${kamailio.uriOf('bob')}`);
  await talk(run, 'alice', 'bob');
  await linphone.until('Released', call);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['blind', 'linphone', 'alice', 'bob']);
  assert.equal(transfer.reason, 'Alice talks to Bob; Linphone has left.');
  await run.must('alice hangup bob');
  await finish({ run, kamailio });
});

test('linphone transfers a phone to the other with whom it talks, with Kamailio between all', peer, async (context) => {
  const { run, kamailio, linphone } = await registered(context, 'kamailio-linphone-transferor');

  const transfer = await linphoneConsultsAndTransfers(run, linphone, { alice: kamailio.uriOf('alice'), bob: kamailio.uriOf('bob') });
  assert.equal(transfer.reason, 'Alice talks to Bob; Linphone has left.');
  await run.must('alice hangup bob');
  await finish({ run, kamailio });
});

test('linphone is transferred to the other with whom a phone talks, with Kamailio between all', peer, async (context) => {
  const { run, kamailio, linphone } = await registered(context, 'kamailio-linphone-transferee');

  await hears(run, 'alice', linphone, await linphone.call(kamailio.uriOf('alice')));
  await run.must(`alice consult ${kamailio.uriOf('bob')}`);
  await talk(run, 'alice', 'bob');
  await run.must('alice attended-transfer linphone to bob');
  await hears(run, 'bob', linphone, '2');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'alice', 'linphone', 'bob']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  await run.must('bob hangup linphone');
  await finish({ run, kamailio });
});

test('a phone is transferred to linphone, with whom another talks, with Kamailio between all', peer, async (context) => {
  const { run, kamailio, linphone } = await registered(context, 'kamailio-linphone-target', true);

  await run.must(`alice place ${kamailio.uriOf('bob')}`);
  await talk(run, 'alice', 'bob');
  await run.must(`alice consult ${kamailio.uriOf('linphone')}`);
  await hears(run, 'alice', linphone, '1');
  await run.must('alice attended-transfer bob to linphone');
  await hears(run, 'bob', linphone, '2');

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'alice', 'bob', 'linphone']);
  assert.equal(transfer.verdict, 'success', transfer.reason);
  await linphone.until('Released', '1');
  await run.must('bob hangup bob/2');
  await finish({ run, kamailio });
});
