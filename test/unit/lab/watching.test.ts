import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statesOf, type WatchInfo } from '../../../src/lab';
import { LabWorld, type LabRig, startLab } from '../../support/lab-rig';

const phones = { charlie: { watches: ['bob'] } };

function seen(rig: LabRig, watcher: string, target: string): string {
  const info = rig.lab.phone(watcher).watches.find((watch) => watch.target === target);
  return info === undefined ? 'not watched' : statesOf(info).join(' ');
}

async function sees(rig: LabRig, watcher: string, target: string, state: string): Promise<void> {
  await rig.until(() => seen(rig, watcher, target) === state, `${watcher} sees ${target} ${state}`);
}

/** Alice calls Bob, and Charlie sees it. */
async function ringing(): Promise<LabRig> {
  const rig = await startLab(phones);
  await sees(rig, 'charlie', 'bob', 'idle');
  await rig.do('alice place bob');
  await rig.reaches('alice', 'ringing');
  await sees(rig, 'charlie', 'bob', 'ringing');
  return rig;
}

describe('a phone that watches another', () => {
  it('sees its calls come, be answered and go', async () => {
    const rig = await ringing();
    const [call] = rig.lab.phone('charlie').watches[0]?.calls ?? [];
    assert.deepEqual([call?.peer, call?.direction, call?.phase, call?.canPickUp], ['alice', 'recipient', 'early', true]);
    await rig.do('bob answer');
    await sees(rig, 'charlie', 'bob', 'talking');
    await rig.do('alice hangup');
    await sees(rig, 'charlie', 'bob', 'idle');
    await rig.end();
  });

  it('sees who calls, and by whom a call was sent', async () => {
    const rig = await startLab({ alice: { watches: ['charlie'] } });
    await sees(rig, 'alice', 'charlie', 'idle');
    await rig.connect('dave', 'bob');
    const transfer = rig.begin('bob transfer dave to charlie');
    await rig.reaches('charlie', 'incoming');
    await sees(rig, 'alice', 'charlie', 'ringing');
    assert.equal(rig.lab.phone('alice').watches[0]?.calls[0]?.transferredBy, 'bob');
    await rig.do('charlie answer');
    await rig.world.drive(transfer);
    await rig.end();
  });

  it('tells its listeners', async () => {
    const told: string[] = [];
    const rig = await startLab(phones);
    rig.lab.on('watch', (phone: string, info: WatchInfo) => told.push(`${phone} ${info.target} ${statesOf(info).join(' ')}`.trim()));
    await sees(rig, 'charlie', 'bob', 'idle');
    await rig.do('alice place bob');
    await sees(rig, 'charlie', 'bob', 'ringing');
    assert.ok(told.includes('charlie bob ringing'), told.join());
    await rig.end();
  });

  it('is told why it may not', async () => {
    const rig = await startLab({ bob: { watchers: 'nobody' } });
    await rig.fails('alice watch bob', 'CL3015', /bob cannot be watched: 403/u);
    await rig.fails('alice watch alice', 'CL3003', /cannot watch itself/u);
    await rig.fails('alice watch sip:x@192.0.2.1', 'CL1002', /192\.0\.2\.1/u);
    await rig.end();
  });

  it('of another lab is a stranger: only a phone that anybody may watch tells it anything', async () => {
    const world = new LabWorld();
    const ours = await world.lab([{ name: 'bob' }, { name: 'dave', watchers: 'anybody' }]);
    const theirs = await world.lab([{ name: 'charlie' }]);
    const uri = (name: string): string => ours.lab.phone(name).uri;
    await theirs.fails(`charlie watch ${uri('bob')}`, 'CL3015', /403/u);
    await theirs.do(`charlie watch ${uri('dave')}`);
    await sees(theirs, 'charlie', uri('dave'), 'idle');
    await theirs.do(`charlie unwatch ${uri('dave')}`);
    assert.equal(seen(theirs, 'charlie', uri('dave')), 'not watched');
    await world.drive(theirs.lab.stop());
    await ours.end();
  });

  it('watches a phone anew that came back after a crash', async () => {
    const rig = await ringing();
    await rig.do('bob crash', 'bob restart');
    await rig.do('charlie unwatch bob', 'charlie watch bob');
    await sees(rig, 'charlie', 'bob', 'idle');
    await rig.do('alice hangup');
    await rig.end();
  });
});

describe('pick-up', () => {
  it('takes the call that rings, and says so', async () => {
    const rig = await ringing();
    assert.deepEqual(rig.lab.takeable('charlie').map(({ at, peer, source, isAnswered }) => [at, peer, source, isAnswered]), [['bob', 'alice', 'watched', false]]);
    const outcome = await rig.perform('charlie pick-up bob');
    assert.deepEqual([outcome.ok, outcome.text], [true, 'picked up the call at bob: talking to alice']);
    await rig.hears('alice', 'charlie');
    await sees(rig, 'charlie', 'bob', 'idle');
    assert.deepEqual(rig.lab.takeable('charlie'), []);
    await rig.end();
  });

  it('is for others: nobody picks up their own call', async () => {
    const rig = await ringing();
    assert.deepEqual(rig.lab.takeable('alice'), []);
    assert.deepEqual(rig.lab.takeable('bob'), []);
    await rig.fails('alice pick-up bob', 'CL3003', /its own call/u);
    await rig.end();
  });

  it('needs something that rings', async () => {
    const rig = await startLab(phones);
    await rig.fails('charlie pick-up alice', 'CL3003', 'charlie cannot pick up at alice: nothing rings there');
    await rig.fails('charlie pick-up sip:x@127.0.0.1:9', 'CL3003', /does not watch it/u);
    await rig.end();
  });

  it('sends Replaces from the view of the caller, early-only, and wants it understood', async () => {
    const rig = await ringing();
    const [call] = rig.lab.takeable('charlie');
    await rig.do('charlie pick-up bob');
    const texts = rig.lab.trace.messages.map(({ bytes }) => Buffer.from(bytes).toString('latin1'));
    const invite = texts.find((text) => text.startsWith('INVITE') && /\nReplaces:/iu.test(text)) ?? '';
    assert.ok(invite.includes(`${call?.callId ?? ''};to-tag=${call?.remoteTag ?? ''};from-tag=${call?.localTag ?? ''};early-only`), invite);
    assert.match(invite, /\r\nRequire: replaces\r\n/u);
    await rig.end();
  });
});
