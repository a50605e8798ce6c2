export { Dialog, type DialogId, dialogKey, dialogKeyOf, type DialogState } from './dialog';
