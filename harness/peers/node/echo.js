// echo.js PORT - an echo server on 127.0.0.1 with the `ws` package, as a target for wsproof.
// `echo.js PORT deflate` also agrees to permessage-deflate.
'use strict';

const { WebSocketServer } = require('ws');

const [port, deflate] = process.argv.slice(2);
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(port),
  perMessageDeflate: deflate === 'deflate',
});

server.on('connection', (socket) => {
  // Without a listener a broken frame of one client would end the process for all.
  socket.on('error', () => {});
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
