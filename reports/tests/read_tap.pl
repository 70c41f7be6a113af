#!/usr/bin/perl
# read_tap.pl FILE - does a TAP reader that is not ours find in the sample what its cases say?
use strict;
use warnings;
use TAP::Parser;

open my $in, '<', $ARGV[0] or die "$ARGV[0]: $!\n";
my $tap    = do { local $/; <$in> };
$tap =~ s/\ATAP version 14\n/TAP version 13\n/ or die "expected TAP version 14\n"; # the newest it knows
my $parser = TAP::Parser->new({ tap => $tap });
my (@tests, @blocks, @unknown);
while (my $result = $parser->next) {
    push @tests,   $result if $result->is_test;
    push @blocks,  $result if $result->is_yaml;
    push @unknown, $result if $result->is_unknown;
}

my $failed = 0;

sub is {
    my ($what, $seen, $expected) = @_;
    return if $seen eq $expected;
    print STDERR "$what: expected $expected, saw $seen\n";
    $failed = 1;
}

is('errors of the reader', join('; ', $parser->parse_errors), '');
is('lines that are no TAP', scalar @unknown, 0);
is('lines of the plan',    scalar @tests, 15);
is('skipped',              scalar $parser->skipped, 3);
is('known faults',         join(' ', $parser->todo), '3 13');
is('what keeps the gate shut', join(' ', $parser->failed), '2 4 6 7 12 15');
is('the description of a case', $tests[3]->description,
    "- 5.1/unmasked-text: A server fails the connection when a client's frame is not masked");
is('its fault', $blocks[2]->data->{faults}[0]{requirement}, '6455-5.1-3');
is('escapes in what a peer sent', scalar grep({ $_->as_string =~ /[\x00-\x08\x0b-\x1f\x7f]/ } @blocks, @tests), 0);
exit $failed;
