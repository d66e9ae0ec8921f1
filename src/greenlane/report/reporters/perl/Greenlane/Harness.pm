package Greenlane::Harness;

# A TAP::Harness that also writes each test to GREENLANE_PROVE_DIR as it ends, in the stream
# format of greenlane/report/formats/stream.py. `prove` and Test::Harness take it from the variable
# HARNESS_SUBCLASS. A test is named by its file, its number and its description.

use strict;
use warnings;
use parent 'TAP::Harness';

use Cwd ();
use Fcntl qw(O_APPEND O_CREAT O_WRONLY);
use JSON::PP ();
use Time::HiRes ();

my $dir  = delete $ENV{GREENLANE_PROVE_DIR};
my $json = JSON::PP->new->utf8->canonical;
my $out;
my ( @planned, %begun, $has_tests, @died );
delete $ENV{HARNESS_SUBCLASS};

sub _write {
    my ($event) = @_;
    return if !$out;
    eval { syswrite $out, $json->encode($event) . "\n"; 1 } or undef $out;
    return;
}

sub _open {
    return if !defined $dir || $out;
    sysopen $out, "$dir/stream-$$.jsonl", O_WRONLY | O_APPEND | O_CREAT or undef $out;
    _write( { e => 'begin', framework => 'prove', root => Cwd::getcwd() } );
    return;
}

sub _follow {
    my ( $parser, $file ) = @_;
    my ( $last, %counts ) = ( Time::HiRes::time() );
    my ( $held, @said, $has_bailed );
    my $release = sub {
        return if !$held;
        if ( $held->{outcome} eq 'failed' && @said ) {
            $held->{traceback} = join "\n", @said;
            $held->{message} ||= $said[0];
        }
        _write($held);
        undef $held;
    };
    $parser->callback(
        test => sub {
            my ($test) = @_;
            $release->();
            @said = ();
            my $now     = Time::HiRes::time();
            my $outcome = 'passed';
            if ( $test->has_skip ) { $outcome = 'skipped' }
            elsif ( $test->has_todo && !$test->is_actual_ok ) { $outcome = 'xfail' }
            elsif ( !$test->is_ok ) { $outcome = 'failed' }
            ( my $name = $test->description ) =~ s/\A-\s*//xms;
            my $id = join q{ }, grep {length} $file, $test->number, $name;
            $counts{$outcome}++;
            $has_tests = 1;
            $held = {
                e       => 'result',
                id      => $id,
                file    => $file,
                outcome => $outcome,
                seconds => $now - $last,
                message => $test->explanation // q{},
            };
            $last = $now;
            $release->() if $outcome ne 'failed';
        }
    );
    for my $kind (qw(comment yaml unknown)) {
        $parser->callback(
            $kind => sub {
                my ($line) = @_;
                ( my $text = $line->as_string ) =~ s/\A\s*[#]\s?//xms;
                push @said, $text if length $text && @said < 50;
            }
        );
    }
    $parser->callback(
        bailout => sub {
            my ($bail) = @_;
            $has_bailed = 1;
            my $why = $bail->explanation // q{};
            _write( { e => 'problem', status => 'crashed', text => "Bail out! $why" } );
            _write( { e => 'result', id => $_, file => $_, outcome => 'not_run' } )
              for grep { !$begun{$_} } @planned;
        }
    );
    return sub {
        $release->();
        my @wrong = $parser->parse_errors;
        my $plan  = $parser->skip_all;
        if ( $plan && !%counts ) {
            _write( { e => 'result', id => $file, file => $file, outcome => 'skipped', message => $plan } );
        }
        elsif ( !$has_bailed && ( @wrong || ( ( $parser->exit || $parser->wait ) && !$counts{failed} ) ) ) {
            my $exit = $parser->exit // 0;
            my $why  = join '; ', ( $exit ? "exit status $exit" : () ), @wrong;
            $why ||= 'killed by signal ' . ( ( $parser->wait // 0 ) & 127 );
            push @died, "$file: $why" if !%counts;
            _write( { e => 'result', id => $file, file => $file, outcome => 'error', message => $why } );
        }
        else {
            _write( { e => 'end', id => $file } );
        }
    };
}

sub aggregate_tests {
    my ( $self, $aggregate, @tests ) = @_;
    for my $test (@tests) {
        my $file = ref $test ? $test->[0] : $test;
        $file =~ s{\A[.]/}{}xms;
        push @planned, $file;
    }
    return $self->SUPER::aggregate_tests( $aggregate, @tests );
}

sub new {
    my ( $class, @arguments ) = @_;
    my $self = $class->SUPER::new(@arguments);
    my %ends;
    eval {
        _open();
        $self->callback(
            made_parser => sub {
                my ( $parser, $job ) = @_;
                ( my $file = $job->[0] ) =~ s{\A[.]/}{}xms;
                $begun{$file} = 1;
                _write( { e => 'start', id => $file, file => $file } );
                $ends{ 0 + $parser } = _follow( $parser, $file );
            }
        );
        $self->callback(
            after_test => sub {
                my ( $job, $parser ) = @_;
                my $end = delete $ends{ 0 + $parser };
                $end->() if $end;
            }
        );
        $self->callback(
            after_runtests => sub {
                my ($aggregate) = @_;
                if ( @died && !$has_tests ) {
                    _write( { e => 'problem', status => 'build_error', text => $_ } ) for @died;
                }
                my $is_ok = $aggregate->all_passed ? JSON::PP::true() : JSON::PP::false();
                _write( { e => 'finish', ok => $is_ok } );
            }
        );
        1;
    } or undef $out;
    return $self;
}

1;
