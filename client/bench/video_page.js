// One browser's end of the video benchmark: a camera with a clock, a beep each second, keystrokes with their time, and what
// comes of the other end's. client/bench/video_page.py calls `bench`. Times are ms since 1970, of this machine.
const CELL = 6, KEYSTROKE_MS = 200, BEEP_EVERY_MS = 1000, BEEP_S = 0.08, AHEAD_S = 0.06, LOUD = 0.08, QUIET_MS = 400;

const LISTENER = `registerProcessor('listener', class extends AudioWorkletProcessor {
    process([[samples]]) {
        const now = Date.now();
        const at = samples ? samples.findIndex((sample) => Math.abs(sample) > ${LOUD}) : -1;
        if (at >= 0) {
            if (now - (this.last ?? 0) > ${QUIET_MS}) this.port.postMessage(now + at / sampleRate * 1000);
            this.last = now;
        }
        return true;
    }
});`;

const moduleOf = (text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));

class Bench {
    connection = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
    video = document.querySelector('video');
    small = new OffscreenCanvas(COLUMNS * CELL, ROWS * CELL).getContext('2d', { willReadFrequently: true });
    stream = new MediaStream(); // one for both: what belongs together is kept in step
    seen = this.nothing();

    nothing() { return { pictures: [], texts: [], beeps: [], heard: [], sizes: {} }; }

    // Make what this end sends. `codec` is the only one that it offers.
    async prepare({ codec, width, height, calls }) {
        this.sound = new AudioContext({ latencyHint: 'interactive' });
        await this.sound.audioWorklet.addModule(moduleOf(LISTENER));
        this.connection.ontrack = ({ track }) => this.receive(track);
        this.connection.ondatachannel = ({ channel }) => this.write(channel);
        const tracks = [this.microphone(), await this.camera(width, height)];
        if (!calls) return void (this.tracks = tracks);
        for (const track of tracks) this.connection.addTransceiver(track, { direction: 'sendrecv', streams: [this.stream] });
        const known = RTCRtpReceiver.getCapabilities('video').codecs.filter((one) => one.mimeType === 'video/rtx'
            || one.mimeType === `video/${codec}` && !/packetization-mode=0/.test(one.sdpFmtpLine ?? ''));
        this.connection.getTransceivers()[1].setCodecPreferences(known);
        this.write(this.connection.createDataChannel('text', { protocol: 't140' }));
    }

    async camera(width, height) {
        const generator = new MediaStreamTrackGenerator({ kind: 'video' });
        generator.contentHint = 'motion'; // frame rate before resolution, as the product's page says
        const worker = new Worker(moduleOf(await (await fetch('/clock.js')).text()));
        worker.postMessage({ writable: generator.writable, width, height }, [generator.writable]);
        return generator;
    }

    microphone() {
        const end = this.sound.createMediaStreamDestination();
        const gain = this.sound.createGain();
        const tone = this.sound.createOscillator();
        tone.frequency.value = 1000;
        gain.gain.value = 0;
        tone.connect(gain).connect(end);
        gain.connect(this.listen((at) => this.seen.beeps.push(at))); // dated where it is rendered, not where it is asked for
        tone.start();
        setInterval(() => {
            const at = this.sound.currentTime + AHEAD_S;
            gain.gain.setValueAtTime(0.5, at);
            gain.gain.setValueAtTime(0, at + BEEP_S);
        }, BEEP_EVERY_MS);
        return end.stream.getAudioTracks()[0];
    }

    receive(track) {
        this.streams ??= new MediaStream();
        this.streams.addTrack(track);
        this.video.srcObject = this.streams;
        this.video.play();
        if (track.kind === 'video') return this.video.requestVideoFrameCallback(() => this.look());
        this.sound.createMediaStreamSource(new MediaStream([track])).connect(this.listen((at) => this.seen.heard.push(at)));
    }

    listen(heard) {
        const listener = new AudioWorkletNode(this.sound, 'listener');
        listener.port.onmessage = ({ data }) => heard(data);
        listener.connect(this.sound.destination);
        return listener;
    }

    look() {
        const now = Date.now();
        this.video.requestVideoFrameCallback(() => this.look());
        const { videoWidth: width, videoHeight: height } = this.video;
        const [wide, high] = [Math.floor(width / COLUMNS), Math.floor(height / PART / ROWS)];
        this.small.drawImage(this.video, 0, 0, wide * COLUMNS, high * ROWS, 0, 0, COLUMNS * CELL, ROWS * CELL);
        const pixels = this.small.getImageData(0, 0, COLUMNS * CELL, ROWS * CELL).data;
        this.seen.pictures.push([now, readClock(pixels, CELL)]);
        this.seen.sizes[`${width}x${height}`] = (this.seen.sizes[`${width}x${height}`] ?? 0) + 1;
    }

    write(channel) {
        this.channel = channel;
        channel.onmessage = ({ data }) => {
            const now = Date.now();
            for (const [stamp] of String(data).matchAll(/\d{13}/g)) this.seen.texts.push([now, Number(stamp)]);
        };
        setInterval(() => channel.readyState === 'open' && channel.send(`${Date.now()} `), KEYSTROKE_MS);
    }

    async offer() {
        await this.connection.setLocalDescription(await this.connection.createOffer());
        return this.described();
    }

    async answer(sdp) {
        await this.connection.setRemoteDescription({ type: 'offer', sdp });
        for (const [at, track] of this.tracks.entries()) {
            const transceiver = this.connection.getTransceivers()[at];
            transceiver.direction = 'sendrecv';
            transceiver.sender.setStreams(this.stream);
            await transceiver.sender.replaceTrack(track);
        }
        await this.connection.setLocalDescription(await this.connection.createAnswer());
        return this.described();
    }

    async accept(sdp) { await this.connection.setRemoteDescription({ type: 'answer', sdp }); }

    // All candidates are in it: nothing trickles.
    async described() {
        if (this.connection.iceGatheringState !== 'complete')
            await new Promise((done) => this.connection.addEventListener('icegatheringstatechange',
                () => this.connection.iceGatheringState === 'complete' && done()));
        return this.connection.localDescription.sdp;
    }

    // What has not come yet; '' when everything flows.
    missing() {
        if (this.connection.connectionState !== 'connected') return `a connection (it is ${this.connection.connectionState})`;
        if (this.channel?.readyState !== 'open') return 'the text channel';
        return this.seen.pictures.some(([, stamp]) => stamp !== null) ? '' : 'a picture whose clock can be read';
    }

    async sent() {
        const stats = [...(await this.connection.getStats()).values()];
        return stats.find((one) => one.type === 'outbound-rtp' && one.kind === 'video');
    }

    // How long what came waited before it was given out, in ms: a late sound holds its picture back.
    async waits() {
        const stats = [...(await this.connection.getStats()).values()].filter((one) => one.type === 'inbound-rtp');
        return Object.fromEntries(stats.map((one) => [one.kind, [one.jitterBufferDelay * 1000, one.jitterBufferEmittedCount]]));
    }

    // Whether pictures of this width come and go: a browser begins small where it does not know the network yet.
    async full(width) { return this.video.videoWidth >= width && (await this.sent()).frameWidth >= width; }

    async begin() {
        this.before = (await this.sent()).bytesSent;
        this.waited = await this.waits();
        this.seen = this.nothing();
        this.begun = Date.now();
    }

    async finish() {
        const ended = Date.now(), seen = this.seen, sent = await this.sent();
        const waits = Object.entries(await this.waits()).map(([kind, [ms, count]]) => {
            const [msBefore, countBefore] = this.waited[kind] ?? [0, 0];
            return [kind, (ms - msBefore) / Math.max(1, count - countBefore)];
        });
        return { ...seen, begun: this.begun, ended, bytes: sent.bytesSent - this.before, waits: Object.fromEntries(waits) };
    }

    // Be a page whose own scripts take the thread for a while again and again.
    block(ms, everyMs) {
        this.blocking = setInterval(() => { for (const end = Date.now() + ms; Date.now() < end;); }, everyMs);
    }

    close() { clearInterval(this.blocking); this.connection.close(); }
}

window.bench = new Bench();
