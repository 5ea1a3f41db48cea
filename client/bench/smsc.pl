#!/usr/bin/perl
# An SMSC for tests and benchmarks, on Net::SMPP: that speaks the protocol, this moves messages between accounts.
#   smsc.pl PORT NAME=PASSWORD …
# `ieum` is the centre and `phones` the citizens' side: what one submits is delivered to the other, kept while it is away,
# tried again while it is refused, and told in a receipt where one was asked for. Without an account `phones` every phone
# has everything at once. What a real SMSC does to whom it distrusts, it does too: a wrong password is refused.
use strict;
use warnings;
use IO::Select;
use Time::HiRes ();
use Net::SMPP;

use constant { AGAIN_S => 0.5, OTHER => { ieum => 'phones', phones => 'ieum' } };
my ($port, @accounts) = @ARGV;
my %password = map { split /=/, $_, 2 } @accounts;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => $port, smpp_version => 0x34, listen => 8) or die "no port: $!";
my $select = IO::Select->new($listener);
my (%bound, %name, %waiting, %unanswered, @later);    # bound: name → socket; name: fileno → name
my $ids = 1_000_000;
$SIG{PIPE} = 'IGNORE';
$| = 1;
print "listening\n";

while (1) {
    my $pause = @later ? 0.05 : undef;
    for my $socket ($select->can_read($pause)) {
        if ($socket == $listener) {
            my $new = $listener->accept or next;
            $new->set_version(0x34);
            $select->add($new);
            next;
        }
        my $pdu = eval { $socket->read_pdu };
        $pdu ? handle($socket, $pdu) : gone($socket);
    }
    my $now = Time::HiRes::time();
    my @due = grep { $_->[0] <= $now } @later;
    @later = grep { $_->[0] > $now } @later;
    deliver(@$_[1, 2]) for @due;
}

sub handle {
    my ($socket, $pdu) = @_;
    my ($cmd, $seq, $who) = ($pdu->{cmd}, $pdu->{seq}, $name{fileno $socket});
    if ($cmd == 0x09 || $cmd == 0x01 || $cmd == 0x02) { bound($socket, $pdu) }
    elsif ($cmd == 0x15) { $socket->enquire_link_resp(seq => $seq) }
    elsif ($cmd == 0x06) { $socket->unbind_resp(seq => $seq); gone($socket) }
    elsif ($cmd == 0x04 && $who) { submitted($socket, $pdu, $who) }
    elsif ($cmd == 0x04) { $socket->submit_sm_resp(seq => $seq, message_id => '', status => 4) }
    elsif ($cmd == 0x80000005) { answered($who, $pdu) if $who }
}

sub bound {
    my ($socket, $pdu) = @_;
    my ($who, $password) = @$pdu{qw(system_id password)};
    my $status = !exists $password{$who} ? 0x0F : $password{$who} ne $password ? 0x0E : 0;
    $socket->bind_transceiver_resp(seq => $pdu->{seq}, system_id => 'smsc', status => $status);
    return if $status;
    $name{fileno $socket} = $who;
    $bound{$who} = $socket;
    my $kept = delete $waiting{$who} || [];
    deliver($who, $_) for @$kept;
}

sub gone {
    my ($socket) = @_;
    my $who = delete $name{fileno $socket};
    $select->remove($socket);
    close $socket;
    return if !$who || $bound{$who} != $socket;
    delete $bound{$who};
    my $open = delete $unanswered{$who} || {};
    push @{ $waiting{$who} }, map { $open->{$_} } sort { $a <=> $b } keys %$open;
}

sub submitted {
    my ($socket, $pdu, $who) = @_;
    my $id = sprintf '%x', $ids++;
    $socket->submit_sm_resp(seq => $pdu->{seq}, message_id => $id);
    my %message = map { $_ => $pdu->{$_} }
        grep { defined $pdu->{$_} }
        qw(source_addr_ton source_addr_npi source_addr dest_addr_ton dest_addr_npi destination_addr esm_class data_coding
           short_message message_payload sar_msg_ref_num sar_total_segments sar_segment_seqnum);
    $message{receipt} = [$who, $id, @$pdu{qw(source_addr destination_addr)}] if $pdu->{registered_delivery} & 1;
    my $to = OTHER->{$who};
    exists $password{$to} ? deliver($to, \%message) : receipt(\%message, 'DELIVRD', 2);
}

sub deliver {
    my ($who, $message) = @_;
    my $socket = $bound{$who};
    if (!$socket) { push @{ $waiting{$who} }, $message; return }
    my %fields = %$message;
    delete $fields{receipt};
    my $seq = $socket->deliver_sm(%fields, async => 1);
    $unanswered{$who}{$seq} = $message if $seq;
}

sub answered {
    my ($who, $pdu) = @_;
    my $message = delete $unanswered{$who}{ $pdu->{seq} } or return;
    if ($pdu->{status} == 0) { receipt($message, 'DELIVRD', 2) }
    elsif ($pdu->{status} == 0x64 || $pdu->{status} == 0x14) { push @later, [Time::HiRes::time() + AGAIN_S, $who, $message] }
    else { receipt($message, 'UNDELIV', 5) }
}

sub receipt {
    my ($message, $word, $state) = @_;
    my ($who, $id, $source, $destination) = @{ $message->{receipt} || return };
    my ($sec, $min, $hour, $day, $month, $year) = localtime;
    my $date = sprintf '%02d%02d%02d%02d%02d', $year % 100, $month + 1, $day, $hour, $min;
    my $arrived = $state == 2 ? 1 : 0;
    my $text = sprintf 'id:%010d sub:001 dlvrd:%03d submit date:%s done date:%s stat:%s err:%03d text:', hex $id, $arrived, $date,
        $date, $word, $arrived ? 0 : 11;
    deliver($who, { esm_class => 4, source_addr => $destination, destination_addr => $source, short_message => $text });
}
