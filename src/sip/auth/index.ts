export type { DigestAlgorithm } from './algorithm';
export { answerChallenge, type AnswerOptions } from './answer-challenge';
export { type Challenge, type HeaderSource, parseChallenges, type QualityOfProtection } from './challenge';
export { type Credentials, parseCredentials } from './credentials';
export { type DigestInput, digestResponse } from './digest';
export { type AuthenticatedRequest, DigestServer, type DigestServerOptions, type Verification } from './digest-server';
