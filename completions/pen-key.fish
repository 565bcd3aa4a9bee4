# pen-key(1): written by completions/generate from src/pen-key/opts.def

function __pen_now
    set -l state $HOME/.local/state
    set -q XDG_STATE_HOME; and set state $XDG_STATE_HOME
    switch $argv[1]
        case agents profiles
            command pen --list $argv[1] 2>/dev/null
        case rules
            command pen --list groups 2>/dev/null
        case sessions
            command pen-ctl ls 2>/dev/null | command sed '1d; s/ .*//'
        case logs
            command pen-log --list 2>/dev/null | command sed '1d; s/ .*//'
    end
    switch $argv[1]
        case rules refused
            command find $state/pen/log -name '*.jsonl' -mtime -2 -exec sed -nE 's|.*"allow":"([A-Za-z0-9.*:/_-]+)".*|\1|p' '{}' + 2>/dev/null | command sort -u
    end
end

# __pen_key_at WHERE: is the cursor among the options and their first
# arguments, on the second argument of one, or on the command line that follows? "command" also prints that line.
function __pen_key_at
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l n 1
        switch $words[1]
            case --
                set -e words[1]
                break
            case --upstream --header --from --refresh --client-id --lock --command --api --repository --push --budget --placeholder --connect-to --upstream-proxy --hold --log --listen --serve
                set n 2
            case --pass
                set n 3
            case '-*'
            case '*'
                break
        end
        if test $n -gt (count $words)
            # on its first argument fish knows what to offer
            test $argv[1] = (test (count $words) -eq 1; and echo options; or echo argument)
            return
        end
        set words $words[(math $n + 1)..-1]
    end
    set -q words[1]
    or begin
        test $argv[1] = options
        return
    end
    test $argv[1] = command
    and string join ' ' -- (string escape -- $words) (commandline -ct)
end

complete -c pen-key -f
complete -c pen-key -n '__pen_key_at argument' -F
complete -c pen-key -n '__pen_key_at command >/dev/null' -x -a '(complete -C (__pen_key_at command))'
complete -c pen-key -n '__pen_key_at options' -x -a '(__fish_complete_command)'
complete -c pen-key -n '__pen_key_at options' -l upstream -d 'the API: https://NAME[:PORT][/PATH]' -x
complete -c pen-key -n '__pen_key_at options' -l header -d 'what comes before the credential: \'x-api-key: \'' -x
complete -c pen-key -n '__pen_key_at options' -l from -d 'where the credential is: env:NAME, file:PATH[#MEMBER.MEMBER] or git[:USER]' -x
complete -c pen-key -n '__pen_key_at options' -l refresh -d 'where the login of --from file: is renewed: https://NAME/PATH' -x
complete -c pen-key -n '__pen_key_at options' -l client-id -d 'who renews it, for that URL' -x
complete -c pen-key -n '__pen_key_at options' -l lock -d 'a directory to be made while it is renewed, as the agent does' -x -a '(__fish_complete_directories)'
complete -c pen-key -n '__pen_key_at options' -l command -d 'a word of the command that prints the credential; repeat it for each' -x
complete -c pen-key -n '__pen_key_at options' -l api -d 'what passes: anthropic, openai or gemini' -x -a 'anthropic openai gemini'
complete -c pen-key -n '__pen_key_at options' -l pass -d 'let these requests pass, and no others: GET \'/v1/models/*\'' -x
complete -c pen-key -n '__pen_key_at options' -l repository -d 'let git\'s requests for this repository pass, and nothing else' -x
complete -c pen-key -n '__pen_key_at options' -l push -d 'let git push to these refs of it: \'refs/heads/pen/*\'' -x
complete -c pen-key -n '__pen_key_at options' -l budget -d 'what may be spent: requests=500, up=20M, tokens=2M; per=day' -x
complete -c pen-key -n '__pen_key_at options' -l placeholder -d 'what a request has in place of the credential' -x
complete -c pen-key -n '__pen_key_at options' -l private -d 'the API may have private addresses'
complete -c pen-key -n '__pen_key_at options' -l connect-to -d 'connect to ADDR:PORT in place of HOST:PORT' -x
complete -c pen-key -n '__pen_key_at options' -l upstream-proxy -d 'connect through this HTTP proxy, by CONNECT' -x
complete -c pen-key -n '__pen_key_at options' -l hold -d 'let nothing reach this name either, for prog' -x
complete -c pen-key -n '__pen_key_at options' -l log -d 'append an event for each request to FILE' -r -F
complete -c pen-key -n '__pen_key_at options' -l listen -d 'serve on this address of the loopback' -x
complete -c pen-key -n '__pen_key_at options' -l serve -d 'serve the connections that pen-sni hands over on FD' -x
complete -c pen-key -n '__pen_key_at options' -l help -d 'print a summary of the options and end'
complete -c pen-key -n '__pen_key_at options' -l version -d 'print the version and end'
