export {
  type DialogEvent,
  type DialogIds,
  type DialogInfo,
  dialogInfoType,
  type DialogParty,
  type DialogPhase,
  type ObservedDialog,
} from './document';
export { PublishedDialogs } from './published-dialogs';
export { DialogInfoError, parseDialogInfo } from './read';
export { type Applied, WatchedDialogs } from './watched-dialogs';
export { formatDialogInfo } from './write';
