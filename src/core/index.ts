export { type Clock, type Milliseconds, RealClock, VirtualClock } from './clock';
export { type Disposable, DisposableStore, toDisposable } from './disposable';
export { Emitter, type EventMap } from './emitter';
export { CallLabError, describeError, type ErrorCode, errorCatalogue } from './errors';
export { NamedTimers, type TimerObserver } from './named-timers';
export { type ByteRange, type LineColumn, shiftRange } from './position';
export { CryptoRandom, type RandomSource, randomInteger, randomToken, SeededRandom } from './random';
export { english, fillIn, type Say } from './say';
export { finish, finishInSlices, type Steps } from './steps';
