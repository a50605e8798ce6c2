export * from './frame';
export * from './transfer';
export { formatIaxUri, type IaxUri, parseIaxUri } from './uri';
