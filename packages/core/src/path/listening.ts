/** Whether a socket waits for packets to a port, whatever its address, as `ss -lntup` lists them. ss(8). */
import type { Tri } from '../tri.js';
import { missing, type Place } from './place.js';

export function isListening(place: Place, protocol: 'tcp' | 'udp', port: number): Tri {
  const { sockets } = place.ns;
  const waits = sockets.rows.some(
    (socket) =>
      socket.protocol === protocol &&
      socket.localPort === port &&
      (socket.state === 'LISTEN' || socket.state === 'UNCONN') &&
      socket.trust !== 'claimed',
  );
  if (waits) return true;
  if (sockets.state === 'complete' || sockets.listens?.includes(protocol)) return false;
  return { because: [missing(place, 'ss', `whether a process listens on port ${port} is not known`)] };
}
