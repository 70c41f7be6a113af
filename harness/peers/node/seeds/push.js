// push.js PORT [PERIOD_MS] [HEADER] - pushes a sentence every 3 s to each client, from its connection on.
// The address that it logs is taken from HEADER, else from the socket.
'use strict';

const { WebSocketServer } = require('ws');

const [port, period = '3000', header = 'x-forwarded-for'] = process.argv.slice(2);
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port) });

server.on('connection', (socket, request) => {
  const address = request.headers[header] || request.socket.remoteAddress;
  console.log(`${address} came`);
  const timer = setInterval(() => {
    if (socket.readyState === socket.OPEN) socket.send('서버에서 클라이언트로 메세지를 보냅니다.');
  }, Number(period));
  socket.on('message', (message) => console.log(message));
  socket.on('error', (error) => console.error(error.message));
  socket.on('close', () => {
    console.log(`${address} left`);
    clearInterval(timer);
  });
});
