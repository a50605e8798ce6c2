export { conditionWords, parseCondition } from './condition';
export { formatDuration, parseDuration } from './duration';
export { type Environment, lossLimitFor, type Patience, realEnvironment, simulatedEnvironment, type SimulationOptions } from './environment';
export { type ParsedScenario, parseScenario } from './parse-scenario';
export { playScenario, type Stage } from './play';
export { describeProblem, type ScenarioProblem, type TextRange } from './problem';
export type { ScenarioReport, TransferReport } from './report';
export { type RunOptions, runScenario } from './run-scenario';
export type { Scenario, Step } from './scenario';
