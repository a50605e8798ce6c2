import { createSocket } from 'node:dgram';

/** Whether somebody has the UDP port: else the system answers a datagram with an error, which the next sending reports. */
export function isUdpOpen(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const done = (isOpen: boolean): void => {
      socket.removeAllListeners('error');
      socket.on('error', () => undefined);
      socket.close();
      resolve(isOpen);
    };
    socket.once('error', () => done(false));
    socket.connect(port, host, () => {
      // Empty lines are a keep-alive, and mean nothing to a SIP element.
      socket.send('\r\n\r\n', (first) => {
        if (first !== null) done(false);
        else socket.send('\r\n\r\n', (second) => done(second === null));
      });
    });
  });
}
