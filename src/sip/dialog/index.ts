export { Dialog, type DialogId, dialogKey, dialogKeyOf, type DialogState, type Identity } from './dialog';
export { asRequestUri } from './request-uri';
export { asRoutes, type Routed, routeRequest } from './route';
