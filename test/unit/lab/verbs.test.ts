import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatVerb, parseVerb, type Verb, type VerbName, verbNames, WordError } from '../../../src/lab';
import { startLab } from '../../support/lab-rig';

describe('the words of a verb', () => {
  const lines = [
    'alice place bob', 'alice place sip:echo@127.0.0.2:5060', 'bob consult charlie', 'bob answer', 'bob answer alice', 'bob reject',
    'bob reject alice', 'bob reject 486', 'bob reject alice 486', 'bob redirect to charlie', 'bob redirect alice to charlie', 'bob hold',
    'bob hold alice', 'bob hold c0', 'bob hold alice inactive', 'bob resume', 'bob resume bob/2', 'bob swap', 'bob dtmf 123#',
    'bob dtmf *9D to alice', 'bob hangup', 'bob hangup alice', 'bob transfer to charlie', 'bob transfer alice to charlie',
    'bob redirect alice to charlie dave', 'bob blonde-transfer alice to charlie', 'alice allow-transfer', 'alice refuse-transfer bob',
    'bob attended-transfer alice to charlie', 'bob attended-transfer to sip:c@127.0.0.3',
  ];
  for (const line of lines) {
    it(`"${line}" is read and written again`, () => assert.equal(formatVerb(parseVerb(line)), line));
  }

  it('stay the same through writing and reading, whatever verb it is', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9/-]{0,8}$/u).filter((text) => !['to', 'sendonly', 'inactive', 'c0'].includes(text));
    const call = fc.option(word, { nil: undefined });
    const verb: fc.Arbitrary<Verb> = fc.oneof(
      fc.record({ verb: fc.constantFrom('place' as const, 'consult' as const), phone: word, target: word }),
      fc.record({ verb: fc.constantFrom('answer' as const, 'resume' as const, 'hangup' as const, 'allow-transfer' as const, 'refuse-transfer' as const), phone: word, call }),
      fc.record({ verb: fc.constant('reject' as const), phone: word, call, status: fc.option(fc.integer({ min: 400, max: 699 }), { nil: undefined }) }),
      fc.record({
        verb: fc.constantFrom('transfer' as const, 'attended-transfer' as const, 'blonde-transfer' as const),
        phone: word,
        call,
        target: word,
      }),
      fc.record({ verb: fc.constant('redirect' as const), phone: word, call, targets: fc.array(word, { minLength: 1, maxLength: 10 }) }),
      fc.record({
        verb: fc.constant('hold' as const),
        phone: word,
        call,
        style: fc.option(fc.constantFrom('sendonly' as const, 'inactive' as const, 'c0' as const), { nil: undefined }),
      }),
      fc.record({ verb: fc.constant('dtmf' as const), phone: word, call, digits: fc.stringMatching(/^[0-9A-D*#]{1,5}$/u) }),
      fc.record({ verb: fc.constantFrom('swap' as const, 'crash' as const, 'restart' as const), phone: word }),
    );
    fc.assert(fc.property(verb, (given) => assert.deepEqual(parseVerb(formatVerb(given)), { ...given })));
  });

  const wrong: readonly (readonly [line: string, why: string, part: string])[] = [
    ['', 'a phone and a verb are needed, such as "alice place bob"', ''],
    ['alice', 'a phone and a verb are needed, such as "alice place bob"', ''],
    ['alice dances', `"dances" is none of the verbs: ${verbNames.join(', ')}`, 'dances'],
    ['alice place', 'whom to call is missing', ''],
    ['alice place bob now', '"now" is too much', 'now'],
    ['bob answer alice bob', '"bob" is too much', 'bob'],
    ['bob swap alice', '"alice" is too much', 'alice'],
    ['bob reject alice busy 486', '"busy" is too much', 'busy'],
    ['bob dtmf', 'the keys to press are missing', ''],
    ['bob dtmf 12x', 'the keys of a telephone are 0-9, *, # and A-D', '12x'],
    ['bob dtmf 12 alice', 'it reads "dtmf 123 to alice"', 'alice'],
    ['bob transfer', 'it reads "transfer alice to charlie"', ''],
    ['bob transfer alice', 'it reads "transfer alice to charlie"', ''],
    ['bob transfer alice charlie', 'it reads "transfer alice to charlie"', 'charlie'],
    ['bob transfer alice to', 'where to is missing', ''],
    ['bob attended-transfer alice', 'it reads "attended-transfer alice to charlie"', ''],
    ['bob redirect to a b c d e f g h i j k', 'a call is sent to 10 targets at the most', 'k'],
    ['bob blonde-transfer alice', 'it reads "blonde-transfer alice to charlie"', ''],
    ['alice allow-transfer bob now', '"now" is too much', 'now'],
    ['bob redirect alice', 'it reads "redirect alice to charlie"', ''],
    ['bob hold alice now sendonly', '"now" is too much', 'now'],
  ];
  for (const [line, why, part] of wrong) {
    it(`"${line}" is refused: ${why}`, () => {
      assert.throws(() => parseVerb(line), (error: unknown) => {
        assert.ok(error instanceof WordError);
        assert.deepEqual([error.code, error.why, error.message], ['CL3008', why, `"${line}": ${why}`]);
        assert.equal(line.slice(error.part.start, error.part.end), part);
        return true;
      });
    });
  }
});

describe('a verb in the wrong state', () => {
  const inNoCall: Readonly<Partial<Record<VerbName, string>>> = {
    answer: 'bob answer', reject: 'bob reject', redirect: 'bob redirect to charlie', hold: 'bob hold', resume: 'bob resume', dtmf: 'bob dtmf 1',
    hangup: 'bob hangup', transfer: 'bob transfer to charlie', 'attended-transfer': 'bob attended-transfer to charlie',
  };
  it('without any call says so', async () => {
    const rig = await startLab();
    for (const [verb, line] of Object.entries(inNoCall)) await rig.fails(line, 'CL3002', `bob cannot ${verb}: bob has no call`);
    await rig.fails('bob swap', 'CL3003', 'bob cannot swap: that takes two calls, one of them on hold');
    await rig.fails('bob hold alice', 'CL3002', 'bob has no call with alice');
    await rig.fails('nobody place bob', 'CL3001', 'There is no phone "nobody"; there are alice, bob, charlie, dave');
    await rig.end();
    await rig.fails('bob place alice', 'CL3007', /^The lab is (?:not running|being stopped)$/u);
  });

  it('while the call rings, and while it is up or on hold, names the state', async () => {
    const rig = await startLab();
    await rig.do('alice place bob');
    await rig.reaches('bob', 'incoming');
    await rig.fails('bob hold', 'CL3003', 'bob cannot hold: the call with alice is incoming');
    await rig.fails('bob transfer alice to charlie', 'CL3003', 'bob cannot transfer: the call with alice is incoming');
    await rig.fails('alice dtmf 1', 'CL3003', 'alice cannot dtmf: the call with bob is ringing');
    await rig.do('bob answer');
    await rig.fails('bob answer', 'CL3003', 'bob cannot answer: the call with alice is up');
    await rig.fails('bob resume alice', 'CL3003', 'bob cannot resume: the call with alice is up');
    await rig.do('bob hold');
    await rig.fails('bob hold alice', 'CL3003', 'bob cannot hold: the call with alice is on hold');
    await rig.end();
  });

  it('with several calls that fit asks for one, unless the person is in one of them', async () => {
    const rig = await startLab();
    await rig.connect('alice', 'bob');
    await rig.connect('bob', 'charlie');
    await rig.fails('bob transfer to dave', 'CL3006', /^bob cannot transfer: several calls fit \((?:charlie, alice|alice, charlie)\); name one$/u);
    await rig.do('alice hold'); // the person of alice is in one call only
    await rig.do('bob hold');
    assert.equal(rig.state('bob'), 'alice connected holding held, charlie connected holding');
    await rig.fails('bob resume', 'CL3006', /several calls fit/u);
    await rig.end();
  });
});

describe('what a phone can do now', () => {
  /** What can befall a phone at any time. */
  const alwaysPossible = new Set<string>(['crash', 'restart', 'watch']);
  const able = (rig: Awaited<ReturnType<typeof startLab>>, phone: string): string => verbNames.filter((verb) => !alwaysPossible.has(verb) && rig.lab.can(verb, phone)).join(' ');

  it('follows the states of its calls', async () => {
    const rig = await startLab();
    assert.equal(able(rig, 'bob'), 'place');
    assert.equal(able(rig, 'nobody'), '');
    await rig.do('alice place bob');
    await rig.reaches('bob', 'incoming');
    assert.equal(able(rig, 'bob'), 'place answer reject redirect hangup');
    assert.equal(able(rig, 'alice'), 'place hangup');
    await rig.do('bob answer');
    assert.equal(able(rig, 'bob'), 'place consult hold dtmf hangup transfer attended-transfer blonde-transfer');
    await rig.do('bob hold');
    assert.equal(able(rig, 'bob'), 'place consult resume hangup transfer attended-transfer blonde-transfer');
    await rig.do('bob consult charlie');
    await rig.reaches('charlie', 'incoming');
    await rig.do('charlie answer');
    await rig.reaches('bob', 'connected', 'charlie');
    assert.ok(rig.lab.can('swap', 'bob'));
    assert.ok(rig.lab.can('resume', 'bob', 'alice'));
    assert.ok(!rig.lab.can('resume', 'bob', 'charlie'));
    assert.deepEqual(rig.lab.candidates('attended-transfer', 'bob').map(({ peer }) => peer), ['alice', 'charlie']);
    assert.deepEqual(rig.lab.candidates('hangup', 'bob').map(({ peer }) => peer), ['charlie', 'alice']);
    await rig.end();
    assert.equal(able(rig, 'bob'), '');
  });
});
