// events.js PORT - a router of JSON events: `join` is answered by `hello`, others by nothing.
// What is no JSON, or null, is an uncaught exception: the process ends.
'use strict';

const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) });
const handlers = {
  join: (socket) => socket.send(JSON.stringify({ name: 'hello', data: { a: '123', b: '234' } })),
};

server.on('connection', (socket) => {
  socket.on('message', (message) => {
    const event = JSON.parse(message);
    const handler = handlers[event.name];
    if (handler) handler(socket, event.data);
  });
});
