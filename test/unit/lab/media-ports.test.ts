import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, VirtualClock } from '../../../src/core';
import { MediaPorts } from '../../../src/lab/media-ports';
import { SimulatedNetwork } from '../../../src/net';

function prepare(): { clock: VirtualClock; network: SimulatedNetwork; ports: MediaPorts; speak: (port: number) => Promise<void> } {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork({ clock, random: new SeededRandom(1) });
  const ignore = (): void => undefined;
  const ports = new MediaPorts({ network, clock, host: '127.0.0.1', tap: ignore, onError: ignore });
  const speak = async (port: number): Promise<void> => {
    const socket = await network.bindUdp({ host: '127.0.0.9', port: 0, tap: ignore, onPacket: ignore, onError: ignore });
    socket.send(Uint8Array.of(1, 2, 3), { host: '127.0.0.1', port });
    clock.advance(5);
    await socket.close();
  };
  return { clock, network, ports, speak };
}

describe('the media ports of a phone', () => {
  it('lend a port on which nothing came at once again', async () => {
    const { network, ports } = prepare();
    const first = await ports.take();
    ports.giveBack(first);
    assert.equal(await ports.take(), first);
    assert.notEqual(await ports.take(), first);
    await ports.close();
    assert.equal(network.openSockets, 0);
  });

  it('let a port rest on which somebody spoke, so that the next call does not hear them', async () => {
    const { clock, ports, speak } = prepare();
    const first = await ports.take();
    const heard: number[] = [];
    first.handler = (bytes) => heard.push(bytes.length);
    await speak(first.local.port);
    assert.deepEqual(heard, [3]);
    ports.giveBack(first);
    await speak(first.local.port);
    assert.deepEqual(heard, [3], 'nobody listens to a port given back');
    assert.notEqual(await ports.take(), first);
    clock.advance(2_000);
    assert.equal(await ports.take(), first);
    await ports.close();
  });

  it('close what is too many, what is given back twice only once, and everything in the end', async () => {
    const { network, ports } = prepare();
    const taken = await Promise.all(Array.from({ length: 100 }, () => ports.take()));
    for (const port of taken) ports.giveBack(port);
    for (const port of taken) ports.giveBack(port);
    assert.equal(network.openSockets, 64);
    const lent = await ports.take();
    await ports.close();
    assert.equal(network.openSockets, 0);
    ports.giveBack(lent);
    assert.equal(network.openSockets, 0);
  });

  it('close a port that was bound while they were closed', async () => {
    const { network, ports } = prepare();
    const late = ports.take();
    await ports.close();
    await late;
    await Promise.resolve();
    assert.equal(network.openSockets, 0);
  });
});
